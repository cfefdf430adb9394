package io.nightjar.spark.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.report.Plot.Step;
import io.nightjar.spark.statistics.ScoreHistogram;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TestScorePlot {

  @Test
  void areasAreShares() {
    ScoreHistogram scores = histogram(0f, 1e-7f, 0.001f, 0.01f, 0.3f, 0.49999f, 0.5f, 0.75f, 1f);

    for (int most : new int[] {10, 48, 125, 5000}) {
      List<Step> steps = ScorePlot.steps(scores, ScorePlot.edges(scores, most));
      assertThat(steps.stream().mapToDouble(step -> step.y() * (step.to() - step.from())).sum())
          .isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void halvingsHaveTheSameRoom() {
    ScoreHistogram scores = histogram(0.0626f, 0.126f, 0.26f, 0.51f, 0.751f, 0.876f);

    assertThat(ScorePlot.steps(scores, List.of(1089, 1153, 1217, 1281, 1345, 1409, 1473)))
        .containsExactly(
            step(-3, -2), step(-2, -1), step(-1, 0), step(0, 1), step(1, 2), step(2, 3));
  }

  @Test
  void barsAreAsFineAsThereIsRoom() {
    ScoreHistogram narrow = histogram(0.25f, 0.26f);
    ScoreHistogram wide = histogram(0f, 1f);

    assertThat(ScorePlot.edges(narrow, 100)).containsExactly(1216, 1217, 1218, 1219, 1220, 1221);
    assertThat(ScorePlot.edges(wide, 100)).hasSize(83).startsWith(0, 1, 33).endsWith(2561, 2562);
  }

  @Test
  void unitsSideBySideAddUp() {
    Instant start = Instant.parse("2026-11-23T02:00:00Z");
    List<Manifest.Unit> units =
        List.of(
            new Manifest.Unit("a", 100, start, start.plusSeconds(10), false),
            new Manifest.Unit("b", 60, start.plusSeconds(5), start.plusSeconds(8), false),
            new Manifest.Unit("c", 40, start.plusSeconds(12), start.plusSeconds(14), false));

    assertThat(ThroughputPlot.steps(start, units))
        .containsExactly(
            new Step(0, 5, 10), new Step(5, 8, 30), new Step(8, 10, 10), new Step(12, 14, 20));
  }

  @Test
  void nothingToDraw() {
    assertThat(ScorePlot.of(ScoreHistogram.EMPTY, histogram(0.5f)).markup()).isEmpty();
    assertThat(ScorePlot.of(histogram(0.5f), ScoreHistogram.EMPTY).markup())
        .contains("<path class=\"now\"", "<path class=\"before\" d=\"\"");
  }

  private static Step step(double from, double to) {
    return new Step(from, to, 1.0 / 6);
  }

  private static ScoreHistogram histogram(float... scores) {
    TreeMap<Integer, Long> counts = new TreeMap<>(Map.of());
    for (float score : scores) {
      counts.merge(ScoreHistogram.bin(score), 1L, Long::sum);
    }
    return new ScoreHistogram(counts);
  }
}
