package io.nightjar.spark.gates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.spark.statistics.ScoreHistogram;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The index against cases worked out by hand. */
class TestPopulationStability {
  private static final ScoreHistogram HALVES = histogram(Map.of(100, 50L, 200, 50L));

  private static ScoreHistogram histogram(Map<Integer, Long> counts) {
    return new ScoreHistogram(new TreeMap<>(counts));
  }

  @Test
  void twoGroups() {
    // (0.2 - 0.5) ln(0.2 / 0.5) + (0.8 - 0.5) ln(0.8 / 0.5)
    // = 0.3 * 0.9162907 + 0.3 * 0.4700036
    assertThat(PopulationStability.index(HALVES, histogram(Map.of(100, 200L, 200, 800L))))
        .isCloseTo(0.4158883, within(1e-7));
  }

  @Test
  void tenGroups() {
    Map<Integer, Long> even = new TreeMap<>();
    Map<Integer, Long> tilted = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      even.put(100 + i, 1000L);
      tilted.put(100 + i, i < 5 ? 800L : 1200L);
    }
    // 5 (0.08 - 0.1) ln 0.8 + 5 (0.12 - 0.1) ln 1.2 = 0.1 * 0.2231436 + 0.1 * 0.1823216
    assertThat(PopulationStability.index(histogram(even), histogram(tilted)))
        .isCloseTo(0.0405465, within(1e-7));
  }

  @Test
  void scoresBelowAllThatWereThere() {
    // Shares 0, 0.5, 0.5, 0 become 1, 0, 0, 0, and none counts as less than 0.0001:
    // 0.9999 ln 10000 + 2 * 0.4999 ln 5000 = 0.9999 * 9.2103404 + 0.9998 * 8.5171932
    assertThat(PopulationStability.index(HALVES, histogram(Map.of(3, 7L))))
        .isCloseTo(17.7249091, within(1e-6));
    assertThat(PopulationStability.index(HALVES, histogram(Map.of(300, 7L))))
        .isCloseTo(17.7249091, within(1e-6));
  }

  @Test
  void theSameSharesOfMoreScores() {
    assertThat(PopulationStability.index(HALVES, histogram(Map.of(100, 5000L, 200, 5000L))))
        .isZero();
  }

  @Test
  void oneBin() {
    ScoreHistogram one = histogram(Map.of(7, 3L));
    assertThat(PopulationStability.index(one, histogram(Map.of(7, 9L)))).isZero();
    assertThat(PopulationStability.index(one, histogram(Map.of(8, 9L)))).isGreaterThan(10);
  }
}
