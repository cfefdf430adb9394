package io.nightjar.spark.report;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.report.Plot.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Rows a second over the time of a run: at each moment, of all units that were being written. */
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
    List<Step> steps = steps(run.started(), written);
    List<Plot.Tick> rates =
        Plot.round(steps.stream().mapToDouble(Step::y).max().orElse(1), Figures::brief);
    double highest = rates.get(rates.size() - 1).value();
    double end = Math.max(1e-3, seconds(run.started(), run.ended()));
    Plot plot = new Plot(width, width == Plot.WIDE ? 200 : 170, 0, end, highest, 48);
    return plot.draw(
        "Rows a second over the time of the run",
        List.of(plot.side(rates), plot.steps("now", steps), plot.bottom(Plot.times(end))));
  }

  /** A step between each two moments at which a unit began or ended, where any was at work. */
  static List<Step> steps(Instant start, List<Manifest.Unit> written) {
    List<Step> rates = new ArrayList<>();
    TreeSet<Double> moments = new TreeSet<>();
    for (Manifest.Unit unit : written) {
      double from = seconds(start, unit.started());
      double to = Math.max(from + 1e-3, seconds(start, unit.ended()));
      rates.add(new Step(from, to, unit.rows() / (to - from)));
      moments.add(from);
      moments.add(to);
    }
    List<Step> steps = new ArrayList<>();
    for (double from : moments) {
      Double to = moments.higher(from);
      double rate =
          rates.stream()
              .filter(unit -> unit.from() <= from && from < unit.to())
              .mapToDouble(Step::y)
              .sum();
      if (to != null && rate > 0) {
        steps.add(new Step(from, to, rate));
      }
    }
    return steps;
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }
}
