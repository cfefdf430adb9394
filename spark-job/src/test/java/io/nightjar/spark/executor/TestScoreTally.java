package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.statistics.ScoreHistogram;
import io.nightjar.spark.statistics.ScoreStatistics;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestScoreTally {
  private static final float[] ODD = {
    0f, 1f, Float.MIN_VALUE, -0.25f, 1.5f, Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE
  };

  /** What stands there of bad rows counts nowhere. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 1023, 1024, 1025, 5000})
  void countsEachScoreOnce(int rows) {
    SplittableRandom random = new SplittableRandom(rows);
    BadRowMarks marks = new BadRowMarks(rows + 1, false);
    BadRowCause cause = new BadRowCause(BadRowReason.NULL_VALUE, "a", value -> "a is null");
    FloatBuffer scores = FloatBuffer.allocate(rows + 1);
    TreeMap<Integer, Long> bins = new TreeMap<>();
    long count = 0;
    long notFinite = 0;
    long outside = 0;
    double sum = 0;
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int row = 0; row < rows; row++) {
      float score =
          random.nextInt(10) == 0 ? ODD[random.nextInt(ODD.length)] : (float) random.nextDouble();
      scores.put(row, score);
      if (random.nextInt(50) == 0) {
        marks.mark(row, cause, () -> null);
      } else if (!Float.isFinite(score)) {
        notFinite++;
      } else {
        if (score >= 0 && score <= 1) {
          bins.merge(ScoreHistogram.bin(score), 1L, Long::sum);
        } else {
          outside++;
        }
        count++;
        sum += score;
        min = Math.min(min, score);
        max = Math.max(max, score);
      }
    }

    ScoreTally tally = new ScoreTally();
    tally.count(scores, rows, marks);

    ScoreStatistics found = tally.statistics();
    assertThat(found.histogram()).isEqualTo(new ScoreHistogram(bins));
    assertThat(found.count()).isEqualTo(count);
    assertThat(found.notFinite()).isEqualTo(notFinite);
    assertThat(found.outside()).isEqualTo(outside);
    assertThat(found.sum()).isCloseTo(sum, withPercentage(1e-9));
    assertThat(found.min()).isEqualTo(count > 0 ? min : 0);
    assertThat(found.max()).isEqualTo(count > 0 ? max : 0);
  }
}
