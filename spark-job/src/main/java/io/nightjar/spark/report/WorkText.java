package io.nightjar.spark.report;

import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.Stage;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What tasks and devices did with their time, in words, and what a run was bound by. */
public final class WorkText {
  /** A device that is at work for a greater share has no time left to speak of. */
  private static final double BUSY = 0.8;

  private final ScoringStatistics statistics;
  private final Optional<Double> busyShare;

  private WorkText(ScoringStatistics statistics, Optional<Double> busyShare) {
    this.statistics = statistics;
    this.busyShare = busyShare;
  }

  /**
   * Lines by their labels, in order; none where nothing was scored.
   *
   * @param busyShare share of the time of scoring in which devices were at work, if that is known
   */
  public static Map<String, String> of(ScoringStatistics statistics, Optional<Double> busyShare) {
    Map<String, String> lines = new LinkedHashMap<>();
    if (statistics.batches() > 0 && !statistics.stageNanos().isEmpty()) {
      WorkText text = new WorkText(statistics, busyShare);
      lines.put("tasks", text.tasks());
      if (!statistics.device().isEmpty()) {
        lines.put("device", text.device());
      }
      lines.put("bound by", text.bound());
    }
    return lines;
  }

  private String tasks() {
    return statistics.stageNanos().entrySet().stream()
        .map(
            stage ->
                stage.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                    + " "
                    + Figures.duration(stage.getValue() / 1e9))
        .collect(
            Collectors.joining(
                " · ",
                "%s batches of %s rows · "
                    .formatted(
                        Figures.count(statistics.batches()),
                        Figures.count(statistics.rowsIn() / statistics.batches())),
                ", added up over all"));
  }

  private String device() {
    String text =
        "copy in %s (%s) · compute %s · copy out %s (%s)"
            .formatted(
                time(DeviceCount.COPY_IN_NANOS),
                bytes(DeviceCount.BYTES_IN),
                time(DeviceCount.COMPUTE_NANOS),
                time(DeviceCount.COPY_OUT_NANOS),
                bytes(DeviceCount.BYTES_OUT));
    return text + busyShare.map(share -> " · at work " + Figures.percent(share)).orElse("");
  }

  private String time(DeviceCount count) {
    return Figures.duration(value(count) / 1e9);
  }

  private String bytes(DeviceCount count) {
    return Sizes.of(value(count));
  }

  private long value(DeviceCount count) {
    return statistics.device().getOrDefault(count, 0L);
  }

  private String bound() {
    if (busyShare.orElse(0.0) >= BUSY) {
      String what =
          value(DeviceCount.COPY_IN_NANOS) > value(DeviceCount.COMPUTE_NANOS)
              ? "copying to the GPU"
              : "the GPU";
      return what + ", which is at work " + Figures.percent(busyShare.orElseThrow());
    }
    long all = statistics.stageNanos().values().stream().mapToLong(Long::longValue).sum();
    Map.Entry<Stage, Long> most =
        statistics.stageNanos().entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    return "%s, %s of the tasks' time"
        .formatted(name(most.getKey()), Figures.percent(Figures.share(most.getValue(), all)));
  }

  private String name(Stage stage) {
    return switch (stage) {
      case OPEN -> "opening the model";
      case DECODE -> "reading";
      case LOOK_UP -> "looking users and items up";
      case FILL ->
          statistics.stageNanos().containsKey(Stage.DECODE)
              ? "filling batches"
              : "making rows and filling batches";
      case WAIT -> "too few scorers";
      case COMPUTE -> statistics.device().isEmpty() ? "the CPU's scoring" : "waiting for the GPU";
      case COPY_OUT -> "putting scores into columns";
      case WRITE -> "writing";
    };
  }
}
