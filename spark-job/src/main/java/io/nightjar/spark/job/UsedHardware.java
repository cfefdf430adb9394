package io.nightjar.spark.job;

import io.nightjar.scorer.Hardware;
import io.nightjar.spark.executor.ScoringDriver;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the executors have said of the hardware that they score on. Executors say the same as a
 * rule: what several say alike stands here once.
 *
 * @param executors of each what it said
 */
record UsedHardware(List<Hardware> executors) {

  /** What is known by now of those that score with {@code backend}. */
  static UsedHardware of(ChosenBackend backend) {
    return new UsedHardware(
        ScoringDriver.current()
            .map(driver -> driver.hardware(backend.backend()))
            .orElse(List.of()));
  }

  String device() {
    return distinct(Hardware::device);
  }

  String driver() {
    return distinct(Hardware::driver);
  }

  String kernelVariant() {
    return distinct(Hardware::kernelVariant);
  }

  /** What was measured to choose a kernel, a line a choice. */
  List<String> kernelTimes() {
    return executors.stream().flatMap(used -> used.kernelTimes().stream()).distinct().toList();
  }

  /** What weights and batches take of the devices' memory; empty where there is none. */
  String deviceMemory() {
    return distinct(Hardware::deviceMemory);
  }

  private String distinct(Function<Hardware, String> part) {
    return executors.stream().map(part).distinct().collect(Collectors.joining(", "));
  }
}
