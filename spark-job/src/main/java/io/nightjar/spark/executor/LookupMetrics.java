package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.Stage;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What the SQL tab shows of a {@code Lookup}.
 *
 * @param outputRows rows put out, which are those that came in
 * @param time spent on finding rows, in nanoseconds
 * @param tableRows rows of the table
 * @param sentBytes size of the table as it is sent to each executor
 */
public record LookupMetrics(
    SQLMetric outputRows, SQLMetric time, SQLMetric tableRows, SQLMetric sentBytes)
    implements Serializable {

  /** Registers new metrics. */
  public static LookupMetrics create(SparkContext context) {
    return new LookupMetrics(
        SQLMetrics.createMetric(context, "number of output rows"),
        SQLMetrics.createNanoTimingMetric(context, "time to look rows up", -1),
        SQLMetrics.createMetric(context, "rows of the table"),
        SQLMetrics.createSizeMetric(context, "table as it is sent", -1));
  }

  StageClock.Turn turn() {
    return new StageClock.Turn(Stage.LOOK_UP, time);
  }

  /** As {@code SparkPlan.metrics} wants them. */
  public scala.collection.immutable.Map<String, SQLMetric> byName() {
    Map<String, SQLMetric> metrics = new LinkedHashMap<>();
    metrics.put("numOutputRows", outputRows);
    metrics.put("lookUp", time);
    metrics.put("tableRows", tableRows);
    metrics.put("sentBytes", sentBytes);
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(metrics));
  }
}
