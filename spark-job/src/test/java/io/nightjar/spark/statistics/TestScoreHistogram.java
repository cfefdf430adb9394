package io.nightjar.spark.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the bins lie, and what a quantile read off them is worth. */
class TestScoreHistogram {

  @Property
  void aScoreLiesInItsBin(@ForAll @FloatRange(min = 0, max = 1) float score) {
    assertInBin(score);
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        0f,
        -0f,
        Float.MIN_VALUE,
        0x1p-22f,
        0x1.fffffep-22f,
        0x1p-21f,
        0.25f,
        0.49999997f,
        0.5f,
        0.50000006f,
        0.75f,
        0.9999999f,
        0.99999994f,
        1f
      })
  void edges(float score) {
    assertInBin(score);
  }

  private static void assertInBin(float score) {
    int bin = ScoreHistogram.bin(score);

    assertThat(bin).isBetween(0, ScoreHistogram.BINS - 1);
    assertThat(score + 0.0) // -0 is 0 here
        .isBetween(ScoreHistogram.lowerEdge(bin), ScoreHistogram.lowerEdge(bin + 1));
  }

  @Test
  void binsFollowEachOtherAndAreAsNarrowAsIsSaid() {
    assertThat(ScoreHistogram.lowerEdge(0)).isZero();
    assertThat(ScoreHistogram.lowerEdge(ScoreHistogram.BINS)).isOne();
    for (int bin = 0; bin < ScoreHistogram.BINS; bin++) {
      double from = ScoreHistogram.lowerEdge(bin);
      double to = ScoreHistogram.lowerEdge(bin + 1);
      double nearer = Math.min(to, 1 - from);
      assertThat(to - from)
          .isPositive()
          .isLessThanOrEqualTo(Math.max(0x1p-21, Math.min(1 / 256d, nearer / 64)));
    }
  }

  @Property
  void binsGrowWithTheScore(
      @ForAll @FloatRange(min = 0, max = 1) float one,
      @ForAll @FloatRange(min = 0, max = 1) float other) {
    assertThat(ScoreHistogram.bin(Math.min(one, other)))
        .isLessThanOrEqualTo(ScoreHistogram.bin(Math.max(one, other)));
  }

  @Test
  void quantilesAreOffByNoMoreThanABin() {
    Random random = new Random(11);
    // Crowded near 0, as click rates are.
    float[] scores = new float[10_001];
    Map<Integer, Long> counts = new TreeMap<>();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (1 / (1 + Math.exp(4 - 1.5 * random.nextGaussian())));
      counts.merge(ScoreHistogram.bin(scores[i]), 1L, Long::sum);
    }
    Arrays.sort(scores);
    ScoreHistogram histogram = new ScoreHistogram(new TreeMap<>(counts));

    for (double share : new double[] {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}) {
      double exact = scores[(int) Math.ceil(share * scores.length) - 1];
      assertThat(histogram.quantile(share)).isCloseTo(exact, within(exact / 64));
    }
    assertThat(histogram.quantile(0)).isCloseTo(scores[0], within(scores[0] / 64d));
    assertThat(histogram.quantile(1))
        .isCloseTo(scores[scores.length - 1], within(scores[scores.length - 1] / 64d));
  }

  @Test
  void saturatedScoresAreThoseOfTheOuterBins() {
    Map<Integer, Long> counts = new TreeMap<>();
    for (float score : new float[] {0, 0x1p-22f, 0x1p-21f, 0.5f, 0.999999f, 0.9999999f, 1}) {
      counts.merge(ScoreHistogram.bin(score), 1L, Long::sum);
    }
    ScoreHistogram histogram = new ScoreHistogram(new TreeMap<>(counts));

    assertThat(histogram.total()).isEqualTo(7);
    assertThat(histogram.saturated()).isEqualTo(4);
  }

  @Test
  void noQuantileOfNothing() {
    assertThatThrownBy(() -> ScoreHistogram.EMPTY.quantile(0.5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot take a quantile: there are no scores");
  }

  @Test
  void noBinOutsideTheRange() {
    assertThatThrownBy(() -> new ScoreHistogram(new TreeMap<>(Map.of(2562, 1L))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid histogram: bins 2562 to 2562, expected 0 to 2561");
  }
}
