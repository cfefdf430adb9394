package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoreHistogram;
import io.nightjar.spark.statistics.ScoreStatistics;
import java.nio.FloatBuffer;
import java.util.TreeMap;

/** Counts scores into the bins of a {@link ScoreHistogram}. Used by one thread. */
final class ScoreTally {
  private static final int BLOCK = 1024;

  private final float[] block = new float[BLOCK];
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
    for (int done = from; done < to; done += BLOCK) {
      int part = Math.min(BLOCK, to - done);
      scores.get(done, block, 0, part);
      countBlock(part);
    }
  }

  private void countBlock(int rows) {
    double blockSum = 0;
    float least = min;
    float most = max;
    int others = 0;
    for (int i = 0; i < rows; i++) {
      float score = block[i];
      if (score >= 0 && score <= 1) {
        bins[ScoreHistogram.bin(score)]++;
        blockSum += score;
        // Branches, for nearly all scores lie between the ends there are.
        if (score < least) {
          least = score;
        }
        if (score > most) {
          most = score;
        }
      } else {
        block[others++] = score;
      }
    }
    count += rows - others;
    sum += blockSum;
    min = least;
    max = most;
    for (int i = 0; i < others; i++) {
      countOther(block[i]);
    }
  }

  /** Counts a score that has no bin. */
  private void countOther(float score) {
    if (!Float.isFinite(score)) {
      notFinite++;
      return;
    }
    outside++;
    count++;
    sum += score;
    min = Math.min(min, score);
    max = Math.max(max, score);
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
