package io.nightjar.spark.report;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.report.Plot.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** Rows a second over the time of a run, a step for each unit that was written. */
final class ThroughputPlot {
  private ThroughputPlot() {}

  /** The drawings for a laptop and for a phone; nothing where nothing was written. */
  static Html of(Manifest run) {
    List<Manifest.Unit> written =
        run.units().stream()
            .filter(unit -> !unit.kept())
            .sorted(Comparator.comparing(Manifest.Unit::started))
            .toList();
    return written.isEmpty()
        ? Html.NOTHING
        : Html.all(
            List.of(draw(run.run(), written, Plot.WIDE), draw(run.run(), written, Plot.NARROW)));
  }

  private static Html draw(Manifest.Run run, List<Manifest.Unit> written, double width) {
    List<Step> steps =
        written.stream()
            .map(
                unit -> {
                  double from = seconds(run.started(), unit.started());
                  double to = Math.max(from + 1e-3, seconds(run.started(), unit.ended()));
                  return new Step(from, to, unit.rows() / (to - from));
                })
            .toList();
    List<Plot.Tick> rates =
        Plot.round(steps.stream().mapToDouble(Step::y).max().orElse(1), Figures::brief);
    double highest = rates.get(rates.size() - 1).value();
    double end = Math.max(1e-3, seconds(run.started(), run.ended()));
    Plot plot = new Plot(width, width == Plot.WIDE ? 200 : 170, 0, end, highest, 48);
    return plot.draw(
        "Rows a second over the time of the run",
        List.of(plot.side(rates), plot.steps("now", steps), plot.bottom(Plot.times(end))));
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }
}
