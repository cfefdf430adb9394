package io.nightjar.spark.executor;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What the SQL tab shows of a {@code Score}.
 *
 * @param outputRows rows put out
 * @param samples rows scored
 * @param batches batches scored
 * @param badRows rows that could not be scored
 * @param columnarRows rows that came in columns; the others came one by one
 * @param fillTime filling batches, in nanoseconds; with rows as input, making them is part of it
 * @param scoreTime starting a batch and waiting for its scores, in nanoseconds
 * @param waitTime waiting for a free scorer, in nanoseconds
 * @param device what the device did meanwhile
 */
public record ScoreMetrics(
    SQLMetric outputRows,
    SQLMetric samples,
    SQLMetric batches,
    SQLMetric badRows,
    SQLMetric columnarRows,
    SQLMetric fillTime,
    SQLMetric scoreTime,
    SQLMetric waitTime,
    DeviceMetrics device)
    implements Serializable {

  /** Registers new metrics. */
  public static ScoreMetrics create(SparkContext context) {
    return new ScoreMetrics(
        SQLMetrics.createMetric(context, "number of output rows"),
        SQLMetrics.createMetric(context, "samples scored"),
        SQLMetrics.createMetric(context, "batches scored"),
        SQLMetrics.createMetric(context, "bad rows"),
        SQLMetrics.createMetric(context, "rows read as columns"),
        SQLMetrics.createNanoTimingMetric(context, "time to fill batches", -1),
        SQLMetrics.createNanoTimingMetric(context, "time to score", -1),
        SQLMetrics.createNanoTimingMetric(context, "time to wait for a scorer", -1),
        DeviceMetrics.create(context));
  }

  /** As {@code SparkPlan.metrics} wants them. */
  public scala.collection.immutable.Map<String, SQLMetric> byName() {
    Map<String, SQLMetric> metrics = new LinkedHashMap<>();
    metrics.put("numOutputRows", outputRows);
    metrics.put("samples", samples);
    metrics.put("batches", batches);
    metrics.put("badRows", badRows);
    metrics.put("columnarRows", columnarRows);
    metrics.put("fillTime", fillTime);
    metrics.put("scoreTime", scoreTime);
    metrics.put("waitTime", waitTime);
    device.putInto(metrics);
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(metrics));
  }
}
