package io.nightjar.spark.statistics;

import java.io.Serializable;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many scores lie where between 0 and 1.
 *
 * <p>The bins are the same in every run, so that runs can be merged and compared. They are fine
 * where scores crowd: from 0 to 0.5 each octave [2^-k, 2^-(k-1)) has {@value #BINS_PER_OCTAVE} of
 * equal width, down to 2^-21, below which there is one more; from 0.5 to 1 they are mirrored. A
 * quantile read off them is off by no more than a bin's width, which is at most 1/64 of the score's
 * distance from 0 or 1, whichever is nearer, and at most 1/256; in the two outermost bins it is
 * 2^-21.
 *
 * @param counts bin to the scores in it, without the empty bins
 */
public record ScoreHistogram(SortedMap<Integer, Long> counts) implements Serializable {
  /** Bins between a score and its double. */
  public static final int BINS_PER_OCTAVE = 64;

  private static final int OCTAVES = 20;
  private static final int HALF = OCTAVES * BINS_PER_OCTAVE + 1;

  /** Number of bins. */
  public static final int BINS = 2 * HALF;

  /** No score yet. */
  public static final ScoreHistogram EMPTY = new ScoreHistogram(new TreeMap<>());

  // A float's exponent and the first six bits of its fraction number the bins of its half.
  private static final int SHIFT = 23 - 6;
  private static final int FIRST = Float.floatToRawIntBits(0x1p-21f) >>> SHIFT;

  public ScoreHistogram {
    counts = Maps.copy(counts);
    if (!counts.isEmpty() && (counts.firstKey() < 0 || counts.lastKey() >= BINS)) {
      throw new IllegalArgumentException(
          "Invalid histogram: bins "
              + counts.firstKey()
              + " to "
              + counts.lastKey()
              + ", expected 0 to "
              + (BINS - 1));
    }
  }

  /** The bin of {@code score}, which lies in [0, 1]. */
  public static int bin(float score) {
    return score < 0.5f ? lowerBin(score) : BINS - 1 - Math.min(lowerBin(1 - score), HALF - 1);
  }

  private static int lowerBin(float score) {
    return Math.max(0, (Float.floatToRawIntBits(score) >> SHIFT) - FIRST + 1);
  }

  /** Where {@code bin} begins; each ends where the next begins. */
  public static double lowerEdge(int bin) {
    if (bin > HALF) {
      return 1 - lowerEdge(BINS - bin);
    }
    return bin == 0 ? 0 : Float.intBitsToFloat((bin - 1 + FIRST) << SHIFT);
  }

  /** Scores in all bins. */
  public long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Scores in the first and the last bin: no further from 0 or 1 than 2^-21. */
  public long saturated() {
    return counts.getOrDefault(0, 0L) + counts.getOrDefault(BINS - 1, 0L);
  }

  /**
   * The score that a share of all scores is not above, from 0 to 1; off by a bin's width at most.
   *
   * @throws IllegalStateException if there are no scores
   */
  public double quantile(double share) {
    if (counts.isEmpty()) {
      throw new IllegalStateException("Cannot take a quantile: there are no scores");
    }
    double rank = share * total();
    long below = 0;
    for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
      if (below + entry.getValue() >= rank) {
        double from = lowerEdge(entry.getKey());
        double width = lowerEdge(entry.getKey() + 1) - from;
        return from + width * (rank - below) / entry.getValue();
      }
      below += entry.getValue();
    }
    return lowerEdge(counts.lastKey() + 1);
  }

  /** Both together. */
  public ScoreHistogram merge(ScoreHistogram other) {
    return new ScoreHistogram(Maps.merge(counts, other.counts, Long::sum));
  }
}
