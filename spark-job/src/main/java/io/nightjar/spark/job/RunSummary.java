package io.nightjar.spark.job;

import io.nightjar.spark.gates.GateResult;
import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.report.WorkText;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run did.
 *
 * @param model the model's name
 * @param version the model's version
 * @param backend what computed the scores, and why it was chosen
 * @param kernelTimes what was measured to choose the embedding bag's kernel, a line a choice
 * @param deviceMemory what weights and batches take of a device's memory; empty for a CPU
 * @param input where the rows came from
 * @param rowsIn rows that were to be scored
 * @param scored rows that have a score
 * @param badRowsBecame what became of the other rows: {@code dropped}, {@code scored NULL} or
 *     {@code quarantined}
 * @param output where the scores are
 * @param files Parquet files of the output
 * @param bytes their size
 * @param gap how long readers found nothing, while one folder took the place of another
 * @param stages what the time went to, in order
 * @param statistics what tasks and devices did in that time
 * @param busyShare share of the time of scoring in which devices were at work, if that is known
 * @param gates what came of the gates
 */
record RunSummary(
    String model,
    String version,
    String backend,
    List<String> kernelTimes,
    String deviceMemory,
    String input,
    long rowsIn,
    long scored,
    String badRowsBecame,
    String output,
    int files,
    long bytes,
    Duration gap,
    Map<String, Duration> stages,
    ScoringStatistics statistics,
    Optional<Double> busyShare,
    List<GateResult> gates) {

  /** The name of the stage that scores and writes, in {@link #stages}. */
  static final String SCORE = "score";

  /** Rows that could not be scored. */
  long badRows() {
    return rowsIn - scored;
  }

  /** Rows a second of the stage that scores and writes. */
  double rowsPerSecond() {
    return rowsIn / Math.max(1e-9, seconds(stages.get(SCORE)));
  }

  /** Wall time from beginning to end. */
  private Duration total() {
    return stages.values().stream().reduce(Duration.ZERO, Duration::plus);
  }

  /** The summary for people, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "Nightjar scored %,d rows in %.1f s (%,.0f rows/s)",
            scored,
            seconds(total()),
            rowsPerSecond()));
    lines.add(line("model", model + " " + version));
    lines.add(line("backend", backend));
    kernelTimes.forEach(choice -> lines.add(line("kernel", choice)));
    if (!deviceMemory.isEmpty()) {
      lines.add(line("memory", deviceMemory));
    }
    lines.add(line("input", String.format(Locale.ROOT, "%,d rows of %s", rowsIn, input)));
    lines.add(line("bad rows", bad()));
    lines.add(
        line(
            "output",
            String.format(
                Locale.ROOT, "%s (%d file%s, %s)", output, files, files == 1 ? "" : "s", size())));
    if (!gap.isZero()) {
      lines.add(
          line(
              "gap",
              String.format(
                  Locale.ROOT, "%.1f ms, while readers found no scores", seconds(gap) * 1e3)));
    }
    lines.add(line("gates", gateCounts()));
    gates.stream()
        .filter(GateResult::warns)
        .forEach(
            gate ->
                lines.add(line("warning", "gate " + gate.gate().key() + ": " + gate.message())));
    List<String> times = new ArrayList<>();
    stages.forEach(
        (stage, time) -> times.add(String.format(Locale.ROOT, "%s %.1f s", stage, seconds(time))));
    lines.add(line("time", String.join(" · ", times)));
    WorkText.of(statistics, busyShare).forEach((label, text) -> lines.add(line(label, text)));
    return lines;
  }

  private String bad() {
    return badRows() == 0 ? "none" : String.format(Locale.ROOT, "%,d %s", badRows(), badRowsBecame);
  }

  private String gateCounts() {
    return Stream.of(GateResult.Outcome.values())
        .map(
            outcome ->
                gates.stream().filter(gate -> gate.outcome() == outcome).count()
                    + " "
                    + outcome.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(" · "));
  }

  private String size() {
    return Sizes.of(bytes);
  }

  private static String line(String label, String text) {
    return String.format(Locale.ROOT, "  %-9s %s", label, text);
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
