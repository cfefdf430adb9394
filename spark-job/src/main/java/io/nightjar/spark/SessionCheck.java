package io.nightjar.spark;

import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.executor.ScoringPlugin;
import io.nightjar.spark.plan.NightjarExtensions;
import io.nightjar.spark.plan.ScoreStrategy;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Looks whether a session can score, and changes nothing in it. */
final class SessionCheck {
  private SessionCheck() {}

  /** The dataset as one of this process, which has a plan to put a step into. */
  static org.apache.spark.sql.classic.Dataset<Row> classic(Dataset<Row> dataset) {
    if (dataset instanceof org.apache.spark.sql.classic.Dataset<Row> classic) {
      return classic;
    }
    throw new IllegalStateException(
        "Cannot score through Spark Connect: its client has no plan to put a step into; use a"
            + " classic session");
  }

  /** The driver's half of the plugin, once the session is seen to have both settings. */
  static ScoringDriver driverOf(SparkSession session) {
    boolean planned =
        CollectionConverters.asJava(session.sessionState().planner().strategies()).stream()
            .anyMatch(ScoreStrategy.class::isInstance);
    if (!planned) {
      throw missing("spark.sql.extensions", NightjarExtensions.class);
    }
    return ScoringDriver.current().orElseThrow(() -> missing("spark.plugins", ScoringPlugin.class));
  }

  private static IllegalStateException missing(String setting, Class<?> value) {
    return new IllegalStateException(
        "Cannot score: setting "
            + setting
            + " lacks "
            + value.getName()
            + "; set it before the session is made");
  }

  /** Refuses a schema that Spark would silently read as rows. */
  static void columnar(SparkSession session, StructType schema) {
    SQLConf conf = session.sessionState().conf();
    int fields = LeafColumns.count(schema);
    if (fields > conf.wholeStageMaxNumFields()) {
      throw new IllegalStateException(
          "Cannot score columns: setting "
              + LeafColumns.LIMIT_KEY
              + " is "
              + conf.wholeStageMaxNumFields()
              + ", expected "
              + fields
              + " or more, or Spark reads these "
              + fields
              + " columns as rows");
    }
  }
}
