package io.nightjar.spark.gates;

import io.nightjar.spark.statistics.ScoreHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The population stability index: how far scores have moved between two runs.
 *
 * <p>The line is cut into groups that held a tenth of the last run's scores each, as nearly as its
 * bins allow, and one below and one above them all. With a and b the shares of a group then and
 * now, the index is the sum of (b - a) ln(b / a); a share below {@value #LEAST} counts as that, so
 * that a group which was empty does not make it infinite. By custom, up to 0.1 is no change to
 * speak of, and beyond 0.25 is another population. It is the symmetric relative entropy of Jeffreys
 * (1946), which credit scoring made a habit of.
 */
final class PopulationStability {
  private static final int GROUPS = 10;
  private static final double LEAST = 1e-4;

  private PopulationStability() {}

  /** The index of {@code now} against {@code last}, neither of which is empty. */
  static double index(ScoreHistogram last, ScoreHistogram now) {
    List<Integer> groups = groups(last);
    double[] before = shares(last, groups);
    double[] after = shares(now, groups);
    double index = 0;
    for (int i = 0; i < before.length; i++) {
      double a = Math.max(LEAST, before[i]);
      double b = Math.max(LEAST, after[i]);
      index += (b - a) * Math.log(b / a);
    }
    return index;
  }

  /** The first bin of each group but the lowest, which begins at 0. */
  private static List<Integer> groups(ScoreHistogram last) {
    List<Integer> starts = new ArrayList<>(List.of(last.counts().firstKey()));
    long total = last.total();
    long below = 0;
    int tenths = 1;
    for (Map.Entry<Integer, Long> bin : last.counts().entrySet()) {
      below += bin.getValue();
      if (below * GROUPS >= tenths * total) {
        starts.add(bin.getKey() + 1);
        tenths = (int) (below * GROUPS / total) + 1;
      }
    }
    return starts;
  }

  private static double[] shares(ScoreHistogram histogram, List<Integer> starts) {
    double[] shares = new double[starts.size() + 1];
    int group = 0;
    for (Map.Entry<Integer, Long> bin : histogram.counts().entrySet()) {
      while (group < starts.size() && bin.getKey() >= starts.get(group)) {
        group++;
      }
      shares[group] += bin.getValue();
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= histogram.total();
    }
    return shares;
  }
}
