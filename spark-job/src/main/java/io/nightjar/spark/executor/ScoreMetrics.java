package io.nightjar.spark.executor;

import io.nightjar.scorer.Backend;
import io.nightjar.spark.statistics.Stage;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
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
 * @param times what the tasks' time went to, in nanoseconds, but for what others do
 * @param device what the device did meanwhile
 */
public record ScoreMetrics(
    SQLMetric outputRows,
    SQLMetric samples,
    SQLMetric batches,
    SQLMetric badRows,
    SQLMetric columnarRows,
    Map<Stage, SQLMetric> times,
    DeviceMetrics device)
    implements Serializable {

  /** Registers new metrics. */
  public static ScoreMetrics create(SparkContext context, Backend backend) {
    Map<Stage, SQLMetric> times = new EnumMap<>(Stage.class);
    for (Stage stage : Stage.values()) {
      if (stage != Stage.LOOK_UP && stage != Stage.WRITE) {
        times.put(stage, SQLMetrics.createNanoTimingMetric(context, label(stage), -1));
      }
    }
    return new ScoreMetrics(
        SQLMetrics.createMetric(context, "number of output rows"),
        SQLMetrics.createMetric(context, "samples scored"),
        SQLMetrics.createMetric(context, "batches scored"),
        SQLMetrics.createMetric(context, "bad rows"),
        SQLMetrics.createMetric(context, "rows read as columns"),
        times,
        DeviceMetrics.create(context, backend));
  }

  private static String label(Stage stage) {
    return switch (stage) {
      case OPEN -> "time to open the model";
      case DECODE -> "time to decode columns";
      case FILL -> "time to fill batches";
      case WAIT -> "time to wait for a scorer";
      case COMPUTE -> "time to score";
      case COPY_OUT -> "time to copy scores out";
      case LOOK_UP, WRITE ->
          throw new IllegalArgumentException("Cannot show " + stage + ": others do it");
    };
  }

  /** A turn of {@code stage} that counts here. */
  StageClock.Turn turn(Stage stage) {
    return new StageClock.Turn(stage, times.get(stage));
  }

  /** As {@code SparkPlan.metrics} wants them. */
  public scala.collection.immutable.Map<String, SQLMetric> byName() {
    Map<String, SQLMetric> metrics = new LinkedHashMap<>();
    metrics.put("numOutputRows", outputRows);
    metrics.put("samples", samples);
    metrics.put("batches", batches);
    metrics.put("badRows", badRows);
    metrics.put("columnarRows", columnarRows);
    times.forEach((stage, time) -> metrics.put(stage.name().toLowerCase(Locale.ROOT), time));
    device.putInto(metrics);
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(metrics));
  }
}
