package io.nightjar.spark.executor;

import io.nightjar.scorer.BatchCost;
import java.io.Serializable;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;

/**
 * What the SQL tab shows of the device's work for a {@code Score}: its own time, which runs beside
 * that of the tasks. With the CPU only the time to compute is there, and it is the tasks' own.
 *
 * @param copyIn batches crossing to the device, in nanoseconds
 * @param compute from the first step of a batch to the last, in nanoseconds
 * @param copyOut scores crossing back, in nanoseconds
 * @param busy the device at work for any task, counted once where batches overlap, in nanoseconds
 * @param bytesIn bytes that crossed to the device
 * @param bytesOut bytes that crossed back
 */
record DeviceMetrics(
    SQLMetric copyIn,
    SQLMetric compute,
    SQLMetric copyOut,
    SQLMetric busy,
    SQLMetric bytesIn,
    SQLMetric bytesOut)
    implements Serializable {

  static final String COPY_IN = "device time to copy batches in";
  static final String COMPUTE = "device time to compute";
  static final String COPY_OUT = "device time to copy scores out";
  static final String BUSY = "device time at work";

  static DeviceMetrics create(SparkContext context) {
    return new DeviceMetrics(
        SQLMetrics.createNanoTimingMetric(context, COPY_IN, -1),
        SQLMetrics.createNanoTimingMetric(context, COMPUTE, -1),
        SQLMetrics.createNanoTimingMetric(context, COPY_OUT, -1),
        SQLMetrics.createNanoTimingMetric(context, BUSY, -1),
        SQLMetrics.createSizeMetric(context, "bytes copied to the device", -1),
        SQLMetrics.createSizeMetric(context, "bytes copied from the device", -1));
  }

  /** Adds a batch, here and to this executor's gauges. */
  void add(BatchCost cost, int rows) {
    copyIn.add(cost.copyInNanos());
    compute.add(cost.computeNanos());
    copyOut.add(cost.copyOutNanos());
    busy.add(cost.busyNanos());
    bytesIn.add(cost.bytesIn());
    bytesOut.add(cost.bytesOut());
    ExecutorGauges.count(cost, rows);
  }

  void putInto(Map<String, SQLMetric> metrics) {
    metrics.put("deviceCopyIn", copyIn);
    metrics.put("deviceCompute", compute);
    metrics.put("deviceCopyOut", copyOut);
    metrics.put("deviceBusy", busy);
    metrics.put("deviceBytesIn", bytesIn);
    metrics.put("deviceBytesOut", bytesOut);
  }
}
