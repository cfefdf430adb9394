package io.nightjar.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.statistics.ScoreStatistics;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.Stage;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestWorkText {
  private static final long SECOND = 1_000_000_000L;

  private static ScoringStatistics statistics(
      Map<Stage, Long> nanos, Map<DeviceCount, Long> device) {
    return new ScoringStatistics(
        32_000_000,
        32_000_000,
        new TreeMap<>(),
        ScoreStatistics.EMPTY,
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(nanos),
        512,
        new TreeMap<>(device));
  }

  @Test
  void aRunOnAGpu() {
    ScoringStatistics statistics =
        statistics(
            Map.of(Stage.DECODE, 6 * SECOND, Stage.FILL, 10 * SECOND, Stage.WRITE, 4 * SECOND),
            Map.of(
                DeviceCount.COPY_IN_NANOS,
                SECOND,
                DeviceCount.COMPUTE_NANOS,
                SECOND / 2,
                DeviceCount.COPY_OUT_NANOS,
                SECOND / 10,
                DeviceCount.BUSY_NANOS,
                SECOND,
                DeviceCount.BYTES_IN,
                5L << 30,
                DeviceCount.BYTES_OUT,
                128L << 20));

    assertThat(WorkText.of(statistics, Optional.of(0.453)))
        .containsExactly(
            Map.entry(
                "tasks",
                "512 batches of 62,500 rows · decode 6.0 s · fill 10 s · write 4.0 s, added up over all"),
            Map.entry(
                "device",
                "copy in 1.0 s (5.0 GiB) · compute 0.5 s · copy out"
                    + " 0.1 s (128.0 MiB) · at work 45.3 %"),
            Map.entry("bound by", "filling batches, 50.0 % of the tasks' time"));
    assertThat(WorkText.of(statistics, Optional.of(0.9)))
        .containsEntry("bound by", "copying to the GPU, which is at work 90.0 %");
    assertThat(WorkText.of(statistics, Optional.empty()).get("device")).endsWith("(128.0 MiB)");
  }

  @ParameterizedTest
  @CsvSource({
    "OPEN, opening the model",
    "DECODE, reading",
    "WAIT, too few scorers",
    "COMPUTE, the CPU's scoring",
    "COPY_OUT, putting scores into columns",
    "WRITE, writing",
    "FILL, making rows and filling batches",
  })
  void whatATaskDoesMostBindsIt(Stage stage, String name) {
    Map<String, String> lines =
        WorkText.of(statistics(Map.of(stage, 3L), Map.of()), Optional.empty());
    assertThat(lines).doesNotContainKey("device"); // there is none
    assertThat(lines.get("bound by")).isEqualTo(name + ", 100.0 % of the tasks' time");
  }

  @Test
  void aGpuThatIsAlwaysAtWork() {
    Map<DeviceCount, Long> device =
        Map.of(DeviceCount.COPY_IN_NANOS, SECOND, DeviceCount.COMPUTE_NANOS, 2 * SECOND);
    Map<Stage, Long> nanos = Map.of(Stage.COMPUTE, SECOND, Stage.WRITE, 2 * SECOND);
    assertThat(WorkText.of(statistics(nanos, device), Optional.of(0.85)))
        .containsEntry("bound by", "the GPU, which is at work 85.0 %");
    assertThat(WorkText.of(statistics(Map.of(Stage.COMPUTE, SECOND), device), Optional.of(0.5)))
        .containsEntry("bound by", "waiting for the GPU, 100.0 % of the tasks' time");
  }

  @Test
  void nothingWasScored() {
    assertThat(WorkText.of(ScoringStatistics.EMPTY, Optional.empty())).isEmpty();
  }
}
