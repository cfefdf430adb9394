package io.nightjar.spark.job;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark that the tests of this process share; it ends with the process. */
final class LocalSpark {
  private LocalSpark() {}

  /** What a {@code spark-submit} of the tests is told. */
  static SparkConf conf() {
    return new SparkConf(false)
        .set("spark.master", "local[2]")
        .set("spark.app.name", "nightjar tests")
        .set("spark.ui.enabled", "false")
        .set("spark.sql.shuffle.partitions", "3")
        .set("spark.sql.warehouse.dir", "target/warehouse")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1");
  }

  /** A session with all that the job needs. */
  static SparkSession session() {
    return SparkSession.builder()
        .config(
            conf()
                .set("spark.sql.extensions", "io.nightjar.spark.plan.NightjarExtensions")
                .set("spark.plugins", "io.nightjar.spark.executor.ScoringPlugin"))
        .getOrCreate();
  }
}
