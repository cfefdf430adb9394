package io.nightjar.spark.executor;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.nightjar.scorer.BatchCost;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What this executor has done since it began, for Spark's metrics system: sums that only grow, of
 * which a monitoring system takes the rates. The rate of {@code busyNanos}, over 1e9, is the share
 * of time in which the device was at work.
 */
final class ExecutorGauges {
  private static final LongAdder ROWS = new LongAdder();
  private static final LongAdder BATCHES = new LongAdder();
  private static final LongAdder COPY_IN = new LongAdder();
  private static final LongAdder COMPUTE = new LongAdder();
  private static final LongAdder COPY_OUT = new LongAdder();
  private static final LongAdder BUSY = new LongAdder();
  private static final LongAdder BYTES_IN = new LongAdder();
  private static final LongAdder BYTES_OUT = new LongAdder();

  private static final Map<String, LongSupplier> GAUGES =
      Map.ofEntries(
          Map.entry("rows", ROWS::sum),
          Map.entry("batches", BATCHES::sum),
          Map.entry("copyInNanos", COPY_IN::sum),
          Map.entry("computeNanos", COMPUTE::sum),
          Map.entry("copyOutNanos", COPY_OUT::sum),
          Map.entry("busyNanos", BUSY::sum),
          Map.entry("bytesIn", BYTES_IN::sum),
          Map.entry("bytesOut", BYTES_OUT::sum),
          Map.entry("device", ScoringExecutor::device),
          Map.entry("modelsInUse", () -> ModelRegistry.instance().modelsInUse()));

  private ExecutorGauges() {}

  /** Shows them; Spark puts the executor's id and the plugin's name before theirs. */
  static void register(MetricRegistry registry) {
    GAUGES.forEach((name, value) -> registry.register(name, (Gauge<Long>) () -> value.getAsLong()));
  }

  /** Counts a batch that was scored. */
  static void count(BatchCost cost, int rows) {
    ROWS.add(rows);
    BATCHES.increment();
    COPY_IN.add(cost.copyInNanos());
    COMPUTE.add(cost.computeNanos());
    COPY_OUT.add(cost.copyOutNanos());
    BUSY.add(cost.busyNanos());
    BYTES_IN.add(cost.bytesIn());
    BYTES_OUT.add(cost.bytesOut());
  }
}
