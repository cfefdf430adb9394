package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDeviceReport {
  @TempDir private Path folder;

  @Test
  void aLine() {
    assertThat(
            DeviceReport.line(
                Map.of(
                    DeviceReport.SAMPLES,
                    32_000_000L,
                    DeviceReport.BATCHES,
                    512L,
                    DeviceReport.FILL,
                    20_100_000_000L,
                    DeviceReport.WAIT,
                    -1L,
                    DeviceMetrics.label(DeviceCount.BUSY_NANOS),
                    900_000_000L,
                    DeviceMetrics.label(DeviceCount.COPY_IN_NANOS),
                    300_000_000L,
                    DeviceMetrics.label(DeviceCount.COMPUTE_NANOS),
                    700_000_000L,
                    DeviceMetrics.label(DeviceCount.COPY_OUT_NANOS),
                    10_000_000L),
                3.3))
        .isEqualTo(
            "scored 32,000,000 rows in 512 batches and 3.3 s; tasks filled for 20.1 s, waited for a"
                + " scorer 0.0 s; devices at work for 0.9 s: copying in 0.3 s, computing 0.7 s,"
                + " copying out 0.0 s");
  }

  @Test
  void theNamesAreThoseOfTheMetrics() throws Exception {
    var session = LocalSpark.session();
    Path model = TinyModel.write(folder.resolve("model"), 1, 1, 10);
    List<Map<String, Long>> stages = new CopyOnWriteArrayList<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onStageCompleted(SparkListenerStageCompleted completed) {
            stages.add(DeviceReport.sums(completed.stageInfo()));
          }
        };
    session.sparkContext().addSparkListener(listener);
    try {
      Nightjar.score(
              session.range(7).toDF(),
              ScoringSpec.of(model.toString())
                  .withBackend(BackendChoice.CPU)
                  .withFeature("d0", FeatureSource.column("id"))
                  .withFeature("s0", FeatureSource.column("id")))
          .collectAsList();
      session.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      session.sparkContext().removeSparkListener(listener);
    }

    assertThat(stages)
        .anySatisfy(
            sums -> {
              assertThat(sums).containsEntry(DeviceReport.SAMPLES, 7L);
              assertThat(sums.get(DeviceReport.BATCHES)).isPositive();
              assertThat(sums.get(DeviceReport.FILL)).isPositive();
              assertThat(sums).containsKey(DeviceReport.WAIT);
              // The CPU is no device, and a zero would say that one stood idle.
              for (DeviceCount count : DeviceCount.values()) {
                assertThat(sums).doesNotContainKey(DeviceMetrics.label(count));
              }
            });
  }
}
