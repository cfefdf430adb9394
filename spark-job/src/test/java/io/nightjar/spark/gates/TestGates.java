package io.nightjar.spark.gates;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.statistics.ScoreHistogram;
import io.nightjar.spark.statistics.ScoreStatistics;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.SparseStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each gate stops a run that deserves it and lets one pass that does not. */
class TestGates {
  private static final SparseStatistics HALF_EMPTY = new SparseStatistics(100, 50, 200, 20);

  /** A hundred rows of which ten are bad, and {@code scores} in turn for the rest. */
  private static ScoringStatistics run(float... scores) {
    ScoreStatistics all = ScoreStatistics.EMPTY;
    for (int row = 0; row < 90; row++) {
      all = all.merge(one(scores[row % scores.length]));
    }
    return new ScoringStatistics(
        100,
        90,
        new TreeMap<>(Map.of(BadRowReason.NULL_VALUE, new TreeMap<>(Map.of("d0", 10L)))),
        all,
        new TreeMap<>(
            Map.of(
                "s0",
                HALF_EMPTY,
                "s1",
                new SparseStatistics(90, 0, 90, 0),
                "s2",
                SparseStatistics.EMPTY)),
        new TreeMap<>(),
        new TreeMap<>(),
        0,
        new TreeMap<>());
  }

  private static ScoreStatistics one(float score) {
    if (!Float.isFinite(score)) {
      return new ScoreStatistics(0, 1, 0, 0, 0, 0, ScoreHistogram.EMPTY);
    }
    if (score < 0 || score > 1) {
      return new ScoreStatistics(1, 0, 1, score, score, score, ScoreHistogram.EMPTY);
    }
    ScoreHistogram histogram =
        new ScoreHistogram(new TreeMap<>(Map.of(ScoreHistogram.bin(score), 1L)));
    return new ScoreStatistics(1, 0, 0, score, score, score, histogram);
  }

  private static Evidence alone(ScoringStatistics run) {
    return new Evidence(run, 100, 90, Optional.empty(), OptionalLong.empty());
  }

  private static Evidence against(ScoringStatistics last, ScoringStatistics run) {
    return new Evidence(run, 100, 90, Optional.of(last), OptionalLong.empty());
  }

  private static GateResult check(Gate gate, double limit, Evidence evidence) {
    return check(gate, new GateRule(Action.FAIL, limit), evidence);
  }

  private static GateResult check(Gate gate, GateRule rule, Evidence evidence) {
    return Gates.check(Map.of(gate, rule), evidence).stream()
        .filter(result -> result.gate() == gate)
        .findFirst()
        .orElseThrow();
  }

  private static void assertStops(Gate gate, double limit, Evidence evidence, String message) {
    GateResult result = check(gate, limit, evidence);
    assertThat(result.stops()).isTrue();
    assertThat(result.message()).isEqualTo(message);
    GateResult warning = check(gate, new GateRule(Action.WARN, limit), evidence);
    assertThat(warning.stops()).isFalse();
    assertThat(warning.warns()).isTrue();
  }

  private static void assertPasses(Gate gate, double limit, Evidence evidence, String message) {
    GateResult result = check(gate, limit, evidence);
    assertThat(result.outcome()).isEqualTo(GateResult.Outcome.PASSED);
    assertThat(result.stops()).isFalse();
    assertThat(result.warns()).isFalse();
    assertThat(result.message()).isEqualTo(message);
  }

  private static void assertSkipped(Gate gate, Evidence evidence) {
    GateResult result = check(gate, 0, evidence);
    assertThat(result.outcome()).isEqualTo(GateResult.Outcome.SKIPPED);
    assertThat(result.figure()).isEmpty();
    assertThat(result.message()).isEqualTo("nothing to measure, or no run to compare with");
  }

  @Test
  void rows() {
    ScoringStatistics run = run(0.5f);
    assertPasses(
        Gate.ROWS,
        0,
        alone(run),
        "100 rows to score, 100 read, 10 bad, 90 scored, 90 put out, 90 in the files: 0, limit 0");
    assertStops(
        Gate.ROWS,
        0,
        new Evidence(run, 103, 90, Optional.empty(), OptionalLong.empty()),
        "103 rows to score, 100 read, 10 bad, 90 scored, 90 put out, 90 in the files: 3, over"
            + " the limit 0");
    assertStops(
        Gate.ROWS,
        0,
        new Evidence(run, 100, 89, Optional.empty(), OptionalLong.empty()),
        "100 rows to score, 100 read, 10 bad, 90 scored, 90 put out, 89 in the files: 1, over"
            + " the limit 0");
    ScoringStatistics lost =
        new ScoringStatistics(
            100,
            90,
            new TreeMap<>(),
            run.scores(),
            run.sparse(),
            run.dense(),
            run.stageNanos(),
            0,
            new TreeMap<>());
    assertStops(
        Gate.ROWS,
        0,
        alone(lost),
        "100 rows to score, 100 read, 0 bad, 90 scored, 90 put out, 90 in the files: 10, over"
            + " the limit 0");
  }

  @Test
  void finite() {
    assertPasses(Gate.FINITE, 0, alone(run(0, 1, 2)), "0 of 90 scores are not finite: 0, limit 0");
    assertStops(
        Gate.FINITE,
        0,
        alone(run(0.5f, Float.NaN, Float.NEGATIVE_INFINITY)),
        "60 of 90 scores are not finite: 60, over the limit 0");
  }

  @Test
  void range() {
    assertPasses(Gate.RANGE, 0, alone(run(0, 1)), "0 of 90 scores are outside [0, 1]: 0, limit 0");
    assertStops(
        Gate.RANGE,
        0,
        alone(run(0.5f, -0.1f, 1.1f)),
        "60 of 90 scores are outside [0, 1]: 60, over the limit 0");
  }

  @Test
  void saturated() {
    assertPasses(
        Gate.SATURATED,
        0.5,
        alone(run(0.5f, 1e-7f)),
        "45 of 90 scores are 0 or 1: 0.5000, limit 0.5000");
    assertStops(
        Gate.SATURATED,
        0.5,
        alone(run(0.5f, 0, 1)),
        "60 of 90 scores are 0 or 1: 0.6667, over the limit 0.5000");
    assertSkipped(Gate.SATURATED, alone(ScoringStatistics.EMPTY));
  }

  @Test
  void rowCount() {
    ScoringStatistics run = run(0.5f);
    ScoringStatistics twice = run.merge(run);
    assertPasses(
        Gate.ROW_COUNT, 1, against(run, twice), "180 rows, 90 in the last run: 1, limit 1");
    assertStops(
        Gate.ROW_COUNT,
        0.4,
        against(twice, run),
        "90 rows, 180 in the last run: 0.5000, over the limit 0.4000");
    assertSkipped(Gate.ROW_COUNT, against(ScoringStatistics.EMPTY, run));
    assertSkipped(Gate.ROW_COUNT, alone(run));
  }

  @Test
  void mean() {
    assertPasses(
        Gate.MEAN,
        0.2,
        against(run(0.5f), run(0.5f, 0.625f)),
        "mean 0.562500, 0.500000 in the last run: 0.1250, limit 0.2000");
    assertStops(
        Gate.MEAN,
        0.2,
        against(run(0.5f), run(0.25f)),
        "mean 0.250000, 0.500000 in the last run: 0.5000, over the limit 0.2000");
    assertSkipped(Gate.MEAN, against(ScoringStatistics.EMPTY, run(0.5f)));
    assertSkipped(Gate.MEAN, alone(run(0.5f)));
  }

  @Test
  void quantiles() {
    // A mean may stay where it is while the scores spread.
    ScoringStatistics before = run(0.5f);
    ScoringStatistics after = run(0.25f, 0.75f);
    assertThat(check(Gate.MEAN, 0, against(before, after)).stops()).isFalse();
    GateResult result = check(Gate.QUANTILES, 0.4, against(before, after));
    assertThat(result.stops()).isTrue();
    assertThat(result.figure().getAsDouble()).isBetween(0.49, 0.51);
    assertThat(result.message()).startsWith("quantile 0.").endsWith("over the limit 0.4000");
    assertThat(check(Gate.QUANTILES, 0.1, against(before, run(0.51f))).stops()).isFalse();
    assertSkipped(Gate.QUANTILES, alone(before));
  }

  @Test
  void psi() {
    assertPasses(
        Gate.PSI,
        0.25,
        against(run(0.25f, 0.75f), run(0.75f, 0.25f)),
        "population stability index 0.0000 against the last run: 0, limit 0.2500");
    // A third and two thirds instead of halves: -1/6 ln 2/3 + 1/6 ln 4/3 = 0.1155.
    assertStops(
        Gate.PSI,
        0.1,
        against(run(0.25f, 0.75f), run(0.25f, 0.75f, 0.75f)),
        "population stability index 0.1155 against the last run: 0.1155, over the limit 0.1000");
    assertSkipped(Gate.PSI, alone(run(0.5f)));
    assertSkipped(Gate.PSI, against(run(0.5f), ScoringStatistics.EMPTY));
  }

  @Test
  void emptyBags() {
    assertPasses(
        Gate.EMPTY_BAGS,
        0.5,
        alone(run(0.5f)),
        "50 of 100 bags are empty in feature s0: 0.5000, limit 0.5000");
    assertStops(
        Gate.EMPTY_BAGS,
        0.4,
        alone(run(0.5f)),
        "50 of 100 bags are empty in feature s0: 0.5000, over the limit 0.4000");
    assertSkipped(Gate.EMPTY_BAGS, alone(ScoringStatistics.EMPTY));
  }

  @Test
  void replacedIds() {
    assertPasses(
        Gate.REPLACED_IDS,
        0.1,
        alone(run(0.5f)),
        "20 of 200 row ids were replaced in feature s0: 0.1000, limit 0.1000");
    assertStops(
        Gate.REPLACED_IDS,
        0.05,
        alone(run(0.5f)),
        "20 of 200 row ids were replaced in feature s0: 0.1000, over the limit 0.05000");
  }

  @Test
  void duplicateKeys() {
    assertSkipped(Gate.DUPLICATE_KEYS, alone(run(0.5f)));
    assertPasses(
        Gate.DUPLICATE_KEYS,
        0,
        new Evidence(run(0.5f), 100, 90, Optional.empty(), OptionalLong.of(0)),
        "0 rows have a key that another row has, too: 0, limit 0");
    assertStops(
        Gate.DUPLICATE_KEYS,
        0,
        new Evidence(run(0.5f), 100, 90, Optional.empty(), OptionalLong.of(2)),
        "2 rows have a key that another row has, too: 2, over the limit 0");
  }

  @Test
  void aGateThatIsOffIsNotLookedAt() {
    Evidence bad = alone(run(Float.NaN));
    List<GateResult> results = Gates.check(Map.of(Gate.FINITE, new GateRule(Action.OFF, 0)), bad);

    assertThat(results).extracting(GateResult::gate).containsExactly(Gate.values());
    assertThat(results)
        .allMatch(result -> result.outcome() == GateResult.Outcome.SKIPPED)
        .allMatch(result -> result.message().equals("off"));
  }
}
