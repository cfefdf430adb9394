package io.nightjar.spark.testing;

import io.nightjar.spark.executor.ScoringPlugin;
import io.nightjar.spark.plan.NightjarExtensions;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** One Spark for all tests of a process: two slots, and four attempts a task as on a cluster. */
public final class LocalSpark {
  private static final SparkSession ROOT = start();

  private LocalSpark() {}

  /** A session of the test's own: what it sets there no other test sees. */
  public static org.apache.spark.sql.classic.SparkSession session() {
    return (org.apache.spark.sql.classic.SparkSession) ROOT.newSession();
  }

  private static SparkSession start() {
    String folder = Path.of("target", "spark").toAbsolutePath().toString();
    return SparkSession.builder()
        .master("local[2, 4]")
        .appName("nightjar tests")
        .config("spark.ui.enabled", false)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", folder)
        .config("spark.sql.warehouse.dir", folder + "/warehouse")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.plugins", ScoringPlugin.class.getName())
        .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
        .config("spark.sql.catalog.lake.type", "hadoop")
        .config("spark.sql.catalog.lake.cache-enabled", false)
        .config("spark.sql.catalog.lake.warehouse", folder + "/lake")
        .config("spark.sql.extensions", NightjarExtensions.class.getName())
        .getOrCreate();
  }
}
