package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.DeviceCount;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.StageInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** Says in the driver's log, for each stage that scored, what devices and tasks did in it. */
final class DeviceReport extends SparkListener {
  /** What Spark calls the counts of {@link ScoreMetrics}. */
  static final String SAMPLES = "samples scored";

  static final String BATCHES = "batches scored";
  static final String FILL = "time to fill batches";
  static final String WAIT = "time to wait for a scorer";

  private static final Logger LOG = LoggerFactory.getLogger(DeviceReport.class);

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    StageInfo stage = completed.stageInfo();
    Map<String, Long> sums = sums(stage);
    if (sums.getOrDefault(BATCHES, 0L) > 0) {
      long start = (Long) stage.submissionTime().get();
      long end = (Long) stage.completionTime().get();
      LOG.info("Stage {}: {}", stage.stageId(), line(sums, (end - start) / 1e3));
    }
  }

  /** What a stage's accumulators counted, by name; of several plans in one stage, together. */
  static Map<String, Long> sums(StageInfo stage) {
    Map<String, Long> sums = new HashMap<>();
    for (AccumulableInfo info : CollectionConverters.asJava(stage.accumulables()).values()) {
      if (info.name().isDefined()
          && info.value().isDefined()
          && info.value().get() instanceof Long value) {
        sums.merge(info.name().get(), value, Long::sum);
      }
    }
    return sums;
  }

  /** A line for people: what was scored, and what the time went to. */
  static String line(Map<String, Long> sums, double seconds) {
    return String.format(
        Locale.ROOT,
        "scored %,d rows in %,d batches and %.1f s; tasks filled for %.1f s, waited for a scorer"
            + " %.1f s%s",
        sums.getOrDefault(SAMPLES, 0L),
        sums.getOrDefault(BATCHES, 0L),
        seconds,
        seconds(sums, FILL),
        seconds(sums, WAIT),
        sums.containsKey(DeviceMetrics.label(DeviceCount.BUSY_NANOS)) ? devices(sums) : "");
  }

  private static String devices(Map<String, Long> sums) {
    return String.format(
        Locale.ROOT,
        "; devices at work for %.1f s: copying in %.1f s, computing %.1f s, copying out %.1f s",
        seconds(sums, DeviceMetrics.label(DeviceCount.BUSY_NANOS)),
        seconds(sums, DeviceMetrics.label(DeviceCount.COPY_IN_NANOS)),
        seconds(sums, DeviceMetrics.label(DeviceCount.COMPUTE_NANOS)),
        seconds(sums, DeviceMetrics.label(DeviceCount.COPY_OUT_NANOS)));
  }

  private static double seconds(Map<String, Long> sums, String name) {
    return Math.max(0, sums.getOrDefault(name, 0L)) / 1e9;
  }
}
