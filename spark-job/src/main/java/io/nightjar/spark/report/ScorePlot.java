package io.nightjar.spark.report;

import io.nightjar.spark.report.Plot.Step;
import io.nightjar.spark.report.Plot.Tick;
import io.nightjar.spark.statistics.ScoreHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How the scores of a run lie, and those of the run before it.
 *
 * <p>The axis gives each halving of the distance to 0, and of that to 1, the same room, 0.5 in the
 * middle: as the histogram does with its bins, and because scores crowd at the ends. A bar's area
 * is its share of the scores.
 */
final class ScorePlot {
  private static final double[] LABELS = {
    1e-6, 1e-5, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.999, 0.9999
  };

  /** Halvings from 0.5 to where the axis ends; the histogram's last bin there has no end. */
  private static final int HALVINGS = 21;

  private static final double PIXELS_A_BAR = 7;
  private static final double PIXELS_A_LABEL = 46;

  private ScorePlot() {}

  /** The drawings for a laptop and for a phone; nothing where there are no scores. */
  static Html of(ScoreHistogram today, ScoreHistogram before) {
    return today.counts().isEmpty()
        ? Html.NOTHING
        : Html.all(List.of(draw(today, before, Plot.WIDE), draw(today, before, Plot.NARROW)));
  }

  private static Html draw(ScoreHistogram today, ScoreHistogram before, double width) {
    List<Integer> edges = edges(today.merge(before), (int) (width / PIXELS_A_BAR));
    List<Step> now = steps(today, edges);
    List<Step> then = steps(before, edges);
    double highest =
        Stream.of(now, then).flatMap(List::stream).mapToDouble(Step::y).max().orElse(1);
    double from = position(ScoreHistogram.lowerEdge(edges.get(0)));
    double to = position(ScoreHistogram.lowerEdge(edges.get(edges.size() - 1)));
    Plot plot = new Plot(width, width == Plot.WIDE ? 240 : 200, from, to, 1.05 * highest, 8);
    return plot.draw(
        "Scores of this run, and of the run before it",
        List.of(
            plot.steps("now", now),
            plot.steps("before", then),
            plot.bottom(labels(from, to, width))));
  }

  /** Bins at which bars begin and the last ends: no more bars than {@code most}, if possible. */
  static List<Integer> edges(ScoreHistogram all, int most) {
    for (int bins = 1; ; bins *= 2) {
      List<Integer> edges = edges(all, bins, ScoreHistogram.BINS);
      if (edges.size() <= most + 1 || bins == ScoreHistogram.BINS_PER_OCTAVE) {
        return edges;
      }
    }
  }

  /** Bars of {@code bins} bins around all that is in the histogram, one more on each side. */
  private static List<Integer> edges(ScoreHistogram all, int bins, int end) {
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int bin = 1; bin < end - 1; bin += bins) {
      starts.add(bin);
    }
    starts.add(end - 1);
    starts.add(end);
    int first = 0;
    while (starts.get(first + 1) <= all.counts().firstKey()) {
      first++;
    }
    int last = starts.size() - 1;
    while (starts.get(last - 1) > all.counts().lastKey()) {
      last--;
    }
    return starts.subList(Math.max(0, first - 1), Math.min(starts.size(), last + 2));
  }

  /** The bars between {@code edges} that are not empty; their areas add up to 1. */
  static List<Step> steps(ScoreHistogram run, List<Integer> edges) {
    List<Step> steps = new ArrayList<>();
    double total = Math.max(1, run.total());
    for (int i = 0; i + 1 < edges.size(); i++) {
      long count =
          run.counts().subMap(edges.get(i), edges.get(i + 1)).values().stream()
              .mapToLong(Long::longValue)
              .sum();
      if (count > 0) {
        double from = position(ScoreHistogram.lowerEdge(edges.get(i)));
        double to = position(ScoreHistogram.lowerEdge(edges.get(i + 1)));
        steps.add(new Step(from, to, count / total / (to - from)));
      }
    }
    return steps;
  }

  private static List<Tick> labels(double from, double to, double width) {
    List<Tick> labels = new ArrayList<>();
    double room = (to - from) * PIXELS_A_LABEL / width;
    for (double score : LABELS) {
      double at = position(score);
      double last = labels.isEmpty() ? from - room / 2 : labels.get(labels.size() - 1).value();
      if (at - last >= room && at >= from + room / 4 && at <= to - room / 4) {
        labels.add(new Tick(at, text(score)));
      }
    }
    if (labels.size() < 2) {
      labels.clear();
      for (double part : new double[] {0.1, 0.5, 0.9}) {
        double at = from + part * (to - from);
        labels.add(new Tick(at, Figures.score(score(at))));
      }
    }
    return labels;
  }

  private static String text(double score) {
    return score < 1e-4 ? String.format(Locale.ROOT, "%.0e", score) : Figures.score(score);
  }

  /** Where a score lies on the axis: 0.5 is at 0, each halving of what is left one further out. */
  private static double position(double score) {
    double rest = Math.min(score, 1 - score);
    double halvings = rest <= 0 ? HALVINGS : Math.min(HALVINGS, -1 - Math.log(rest) / Math.log(2));
    return score < 0.5 ? -halvings : halvings;
  }

  private static double score(double position) {
    double rest = Math.pow(2, -1 - Math.abs(position));
    return position < 0 ? rest : 1 - rest;
  }
}
