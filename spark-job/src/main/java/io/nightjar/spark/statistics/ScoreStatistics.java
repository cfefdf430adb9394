package io.nightjar.spark.statistics;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;

/**
 * What was seen of the scores.
 *
 * @param count finite scores
 * @param notFinite scores that are NaN or infinite
 * @param outside finite scores below 0 or above 1
 * @param sum of the finite scores
 * @param min least of the finite scores; 0 where there is none
 * @param max greatest of the finite scores; 0 where there is none
 * @param histogram of the scores from 0 to 1
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ScoreStatistics(
    long count,
    long notFinite,
    long outside,
    double sum,
    double min,
    double max,
    ScoreHistogram histogram)
    implements Serializable {

  /** No score yet. */
  public static final ScoreStatistics EMPTY =
      new ScoreStatistics(0, 0, 0, 0, 0, 0, ScoreHistogram.EMPTY);

  /** Mean of the finite scores; 0 where there is none. */
  public double mean() {
    return count == 0 ? 0 : sum / count;
  }

  /** Both together; the sum is rounded, so their order shows in its last digits. */
  public ScoreStatistics merge(ScoreStatistics other) {
    if (count == 0 || other.count == 0) {
      ScoreStatistics some = count == 0 ? other : this;
      return new ScoreStatistics(
          some.count,
          notFinite + other.notFinite,
          some.outside,
          some.sum,
          some.min,
          some.max,
          some.histogram);
    }
    return new ScoreStatistics(
        count + other.count,
        notFinite + other.notFinite,
        outside + other.outside,
        sum + other.sum,
        Math.min(min, other.min),
        Math.max(max, other.max),
        histogram.merge(other.histogram));
  }
}
