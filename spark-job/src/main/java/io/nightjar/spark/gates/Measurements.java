package io.nightjar.spark.gates;

import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.SparseStatistics;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/** What each gate measures. */
final class Measurements {
  private static final double[] QUANTILE_SHARES = {
    0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99
  };

  private Measurements() {}

  /** The figure of {@code gate}; empty where there is nothing to measure, or to compare with. */
  static Optional<Measurement> of(Gate gate, Evidence evidence) {
    return switch (gate) {
      case ROWS -> lostRows(evidence);
      case FINITE -> scores(evidence, run -> run.scores().notFinite(), "not finite");
      case RANGE -> scores(evidence, run -> run.scores().outside(), "outside [0, 1]");
      case SATURATED -> saturated(evidence);
      case ROW_COUNT -> compared(evidence, Measurements::rowCountChange);
      case MEAN -> comparedScores(evidence, Measurements::meanChange);
      case QUANTILES -> comparedScores(evidence, Measurements::quantileChange);
      case PSI -> comparedScores(evidence, Measurements::stability);
      case EMPTY_BAGS ->
          greatest(evidence, SparseStatistics::emptyBags, SparseStatistics::bags, "bags are empty");
      case REPLACED_IDS ->
          greatest(
              evidence,
              SparseStatistics::replacedIds,
              SparseStatistics::ids,
              "row ids were replaced");
      case DUPLICATE_KEYS -> duplicateKeys(evidence);
    };
  }

  private static Optional<Measurement> lostRows(Evidence evidence) {
    ScoringStatistics run = evidence.run();
    long unread = Math.abs(evidence.expectedRows() - run.rowsIn());
    long lost = Math.abs(run.rowsIn() - run.badRowCount() - run.scored());
    long unwritten = Math.abs(run.rowsOut() - evidence.writtenRows());
    return measured(
        (double) (unread + lost + unwritten),
        "%,d rows to score, %,d read, %,d bad, %,d scored, %,d put out, %,d in the files",
        evidence.expectedRows(),
        run.rowsIn(),
        run.badRowCount(),
        run.scored(),
        run.rowsOut(),
        evidence.writtenRows());
  }

  private static Optional<Measurement> scores(
      Evidence evidence, ToLongFunction<ScoringStatistics> counted, String what) {
    long count = counted.applyAsLong(evidence.run());
    return measured(
        (double) count, "%,d of %,d scores are %s", count, evidence.run().scored(), what);
  }

  private static Optional<Measurement> saturated(Evidence evidence) {
    long count = evidence.run().scores().count();
    long saturated = evidence.run().scores().histogram().saturated();
    return count == 0
        ? Optional.empty()
        : measured(saturated / (double) count, "%,d of %,d scores are 0 or 1", saturated, count);
  }

  private static Optional<Measurement> compared(
      Evidence evidence,
      BiFunction<ScoringStatistics, ScoringStatistics, Optional<Measurement>> by) {
    return evidence.last().flatMap(last -> by.apply(last, evidence.run()));
  }

  private static Optional<Measurement> comparedScores(
      Evidence evidence,
      BiFunction<ScoringStatistics, ScoringStatistics, Optional<Measurement>> by) {
    return compared(
        evidence,
        (last, run) ->
            last.scores().histogram().counts().isEmpty()
                    || run.scores().histogram().counts().isEmpty()
                ? Optional.empty()
                : by.apply(last, run));
  }

  private static Optional<Measurement> rowCountChange(
      ScoringStatistics last, ScoringStatistics run) {
    if (last.rowsOut() == 0) {
      return Optional.empty();
    }
    return measured(
        change((double) last.rowsOut(), (double) run.rowsOut()),
        "%,d rows, %,d in the last run",
        run.rowsOut(),
        last.rowsOut());
  }

  private static Optional<Measurement> meanChange(ScoringStatistics last, ScoringStatistics run) {
    double before = last.scores().mean();
    double after = run.scores().mean();
    return measured(change(before, after), "mean %.6g, %.6g in the last run", after, before);
  }

  private static Optional<Measurement> quantileChange(
      ScoringStatistics last, ScoringStatistics run) {
    Optional<Measurement> greatest = Optional.empty();
    for (double share : QUANTILE_SHARES) {
      double before = last.scores().histogram().quantile(share);
      double after = run.scores().histogram().quantile(share);
      double change = change(before, after);
      if (greatest.isEmpty() || change > greatest.get().figure()) {
        greatest = measured(change, "quantile %s %.6g, %.6g in the last run", share, after, before);
      }
    }
    return greatest;
  }

  private static Optional<Measurement> stability(ScoringStatistics last, ScoringStatistics run) {
    double index = PopulationStability.index(last.scores().histogram(), run.scores().histogram());
    return measured(index, "population stability index %.4f against the last run", index);
  }

  private static Optional<Measurement> greatest(
      Evidence evidence,
      ToLongFunction<SparseStatistics> counted,
      ToLongFunction<SparseStatistics> all,
      String what) {
    Optional<Measurement> greatest = Optional.empty();
    for (Map.Entry<String, SparseStatistics> feature : evidence.run().sparse().entrySet()) {
      long of = all.applyAsLong(feature.getValue());
      long count = counted.applyAsLong(feature.getValue());
      double share = of == 0 ? 0 : count / (double) of;
      if (of > 0 && (greatest.isEmpty() || share > greatest.get().figure())) {
        greatest =
            measured(share, "%,d of %,d %s in feature %s", count, of, what, feature.getKey());
      }
    }
    return greatest;
  }

  private static Optional<Measurement> duplicateKeys(Evidence evidence) {
    return evidence.duplicateKeys().isEmpty()
        ? Optional.empty()
        : measured(
            (double) evidence.duplicateKeys().getAsLong(),
            "%,d rows have a key that another row has, too",
            evidence.duplicateKeys().getAsLong());
  }

  /** How far {@code after} is from {@code before}, relative to that; infinite from 0 to more. */
  private static double change(double before, double after) {
    return before == after ? 0 : Math.abs(after - before) / Math.abs(before);
  }

  private static Optional<Measurement> measured(double figure, String detail, Object... values) {
    return Optional.of(new Measurement(figure, String.format(Locale.ROOT, detail, values)));
  }
}
