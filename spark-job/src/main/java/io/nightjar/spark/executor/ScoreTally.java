package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoreHistogram;
import io.nightjar.spark.statistics.ScoreStatistics;
import java.nio.FloatBuffer;
import java.util.TreeMap;

/** Counts scores into the bins of a {@link ScoreHistogram}. Used by one thread. */
final class ScoreTally {
  private final long[] bins = new long[ScoreHistogram.BINS];
  private long count;
  private long notFinite;
  private long outside;
  private double sum;
  private float min = Float.POSITIVE_INFINITY;
  private float max = Float.NEGATIVE_INFINITY;

  /** Counts the scores of {@code rows} rows, but for the bad ones. */
  void count(FloatBuffer scores, int rows, BadRowMarks marks) {
    int row = 0;
    while (row < rows) {
      int end = marks.nextBad(row, rows);
      count(scores, row, end);
      row = end + 1;
    }
  }

  private void count(FloatBuffer scores, int from, int to) {
    for (int row = from; row < to; row++) {
      float score = scores.get(row);
      if (score >= 0 && score <= 1) {
        bins[ScoreHistogram.bin(score)]++;
      } else if (Float.isFinite(score)) {
        outside++;
      } else {
        notFinite++;
        continue;
      }
      count++;
      sum += score;
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
  }

  ScoreStatistics statistics() {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    for (int bin = 0; bin < bins.length; bin++) {
      if (bins[bin] > 0) {
        counts.put(bin, bins[bin]);
      }
    }
    boolean any = count > 0;
    return new ScoreStatistics(
        count, notFinite, outside, sum, any ? min : 0, any ? max : 0, new ScoreHistogram(counts));
  }
}
