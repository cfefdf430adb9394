package io.nightjar.spark.executor;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BatchCost;
import io.nightjar.spark.statistics.DeviceCount;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;

/**
 * What the SQL tab shows of the device's work for a {@code Score}: its own time, which runs beside
 * that of the tasks. The CPU has no device.
 *
 * @param counts everything that is counted; empty with the CPU
 */
record DeviceMetrics(Map<DeviceCount, SQLMetric> counts) implements Serializable {
  static DeviceMetrics create(SparkContext context, Backend backend) {
    Map<DeviceCount, SQLMetric> counts = new EnumMap<>(DeviceCount.class);
    if (backend == Backend.CUDA) {
      for (DeviceCount count : DeviceCount.values()) {
        counts.put(count, create(context, count));
      }
    }
    return new DeviceMetrics(counts);
  }

  private static SQLMetric create(SparkContext context, DeviceCount count) {
    return switch (count) {
      case BYTES_IN, BYTES_OUT -> SQLMetrics.createSizeMetric(context, label(count), -1);
      default -> SQLMetrics.createNanoTimingMetric(context, label(count), -1);
    };
  }

  /** What the SQL tab calls it. */
  static String label(DeviceCount count) {
    return switch (count) {
      case COPY_IN_NANOS -> "device time to copy batches in";
      case COMPUTE_NANOS -> "device time to compute";
      case COPY_OUT_NANOS -> "device time to copy scores out";
      case BUSY_NANOS -> "device time at work";
      case BYTES_IN -> "bytes copied to the device";
      case BYTES_OUT -> "bytes copied from the device";
    };
  }

  /** What a batch cost. */
  static long of(BatchCost cost, DeviceCount count) {
    return switch (count) {
      case COPY_IN_NANOS -> cost.copyInNanos();
      case COMPUTE_NANOS -> cost.computeNanos();
      case COPY_OUT_NANOS -> cost.copyOutNanos();
      case BUSY_NANOS -> cost.busyNanos();
      case BYTES_IN -> cost.bytesIn();
      case BYTES_OUT -> cost.bytesOut();
    };
  }

  /** Adds a batch, here and to this executor's gauges. */
  void add(BatchCost cost, int rows) {
    counts.forEach((count, metric) -> metric.add(of(cost, count)));
    ExecutorGauges.count(cost, rows);
  }

  void putInto(Map<String, SQLMetric> metrics) {
    counts.forEach(
        (count, metric) -> metrics.put("device_" + count.name().toLowerCase(Locale.ROOT), metric));
  }
}
