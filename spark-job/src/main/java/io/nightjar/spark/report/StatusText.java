package io.nightjar.spark.report;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.Manifest.State;
import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.statistics.ScoreStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A manifest as a few lines for a terminal. */
public final class StatusText {
  private final List<String> lines = new ArrayList<>();

  private StatusText() {}

  /** What {@code run} was and did, a line each. */
  public static List<String> lines(Manifest run) {
    StatusText text = new StatusText();
    text.head(run);
    run.model()
        .ifPresent(
            model -> text.line("model", model.name() + " " + model.version(), model.location()));
    run.compute().ifPresent(text::compute);
    run.inputs().forEach(input -> text.line("input", input.name() + ":", input.path()));
    text.rows(run);
    text.gates(run.gates());
    run.output()
        .ifPresent(
            output ->
                text.line(
                    "output",
                    output.location(),
                    "(%s, %s)".formatted(files(output.files()), Sizes.of(output.bytes()))));
    text.time(run);
    return text.lines;
  }

  private void head(Manifest run) {
    String date = run.run().date().map(day -> " for " + day).orElse("");
    lines.add(
        "Run %s%s: %s, exit code %d"
            .formatted(
                run.run().id(),
                date,
                run.exit().state() == State.PUBLISHED ? "published" : "failed",
                run.exit().code()));
    line("message", run.exit().message());
  }

  private void compute(Manifest.Compute compute) {
    String device =
        Stream.of(compute.device(), compute.driver(), compute.kernelVariant())
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    line(
        "backend", compute.backend(), compute.precision(), "(" + compute.why() + ")", "on", device);
  }

  private void rows(Manifest run) {
    line(
        "rows",
        "%s to score, %s scored, %s bad"
            .formatted(
                Figures.count(run.statistics().rowsIn()),
                Figures.count(run.statistics().scored()),
                Figures.count(run.statistics().badRowCount())));
    run.statistics()
        .badRows()
        .forEach(
            (reason, columns) ->
                columns.forEach(
                    (column, count) ->
                        line("bad rows", Figures.count(count), reason.code(), "in", column)));
    run.quarantine().ifPresent(path -> line("bad rows", "are in", path));
    ScoreStatistics scores = run.statistics().scores();
    if (scores.count() > 0) {
      String median =
          run.quantiles().stream()
              .filter(quantile -> quantile.share() == 0.5)
              .map(quantile -> ", median " + Figures.score(quantile.score()))
              .findFirst()
              .orElse("");
      line(
          "scores",
          "mean %s%s, from %s to %s"
              .formatted(
                  Figures.score(scores.mean()),
                  median,
                  Figures.score(scores.min()),
                  Figures.score(scores.max())));
    }
  }

  private void gates(List<Manifest.Gate> gates) {
    for (Manifest.Gate gate : gates) {
      line("gate", gate.name(), gate.outcome() + ":", gate.message());
    }
  }

  private void time(Manifest run) {
    double wall = Duration.between(run.run().started(), run.run().ended()).toMillis() / 1e3;
    String stages =
        run.stages().stream()
            .map(stage -> stage.name() + " " + Figures.duration(stage.seconds()))
            .collect(Collectors.joining(" · "));
    line("time", Figures.duration(wall), "from", run.run().started().toString());
    line("", stages);
    Optional<Double> rate =
        run.stages().stream()
            .filter(stage -> stage.name().equals("score"))
            .flatMap(stage -> stage.rowsPerSecond().stream())
            .findFirst();
    rate.ifPresent(value -> line("", Figures.count(Math.round(value)) + " rows/s"));
    WorkText.of(run.statistics(), run.compute().flatMap(Manifest.Compute::busyShare))
        .forEach(this::line);
  }

  private static String files(long count) {
    return Figures.count(count) + (count == 1 ? " file" : " files");
  }

  /** Nothing where there are no words. */
  private void line(String label, String... words) {
    String text = String.join(" ", words).strip();
    if (!text.isEmpty()) {
      lines.add("  %-9s %s".formatted(label, text));
    }
  }
}
