package io.nightjar.testing;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.model.DlrmConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Inputs of a model, row by row. */
public final class Samples {
  private final DlrmConfig config;
  private final List<float[]> dense = new ArrayList<>();
  private final List<int[][]> bags = new ArrayList<>();

  public Samples(DlrmConfig config) {
    this.config = config;
  }

  /** Adds a row: dense values, and a bag of row ids for each sparse feature. */
  public void add(float[] denseValues, int[][] rowBags) {
    dense.add(denseValues);
    bags.add(rowBags);
  }

  /**
   * Random rows: dense values of standard deviation 1, bags of sizes up to {@code longestBag}, some
   * empty, some with the last row of their table.
   */
  public static Samples random(DlrmConfig config, int rows, int longestBag, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Samples samples = new Samples(config);
    for (int r = 0; r < rows; r++) {
      float[] dense = new float[config.denseFeatures().size()];
      for (int c = 0; c < dense.length; c++) {
        dense[c] = (float) (Math.sqrt(12) * (random.nextDouble() - 0.5));
      }
      int[][] bags = new int[config.sparseFeatures().size()][];
      for (int f = 0; f < bags.length; f++) {
        int last = config.tableOf(f).numEmbeddings() - 1;
        bags[f] = random.ints(random.nextInt(longestBag + 1), 0, last + 1).toArray();
        if (bags[f].length > 0 && random.nextInt(8) == 0) {
          bags[f][0] = last;
        }
      }
      samples.add(dense, bags);
    }
    return samples;
  }

  /** Random rows with one id in every bag. */
  public static Samples oneHot(DlrmConfig config, int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Samples samples = random(config, rows, 0, seed);
    for (int[][] rowBags : samples.bags) {
      for (int f = 0; f < rowBags.length; f++) {
        rowBags[f] = new int[] {random.nextInt(config.tableOf(f).numEmbeddings())};
      }
    }
    return samples;
  }

  /**
   * Rows of users and items, user by user: dense feature 0 and every third sparse feature are the
   * user's, the sparse features after those the item's, the rest the row's own. {@link
   * #usersAndItems} says which.
   */
  public static Samples joined(Samples users, Samples items, Samples own) {
    Samples samples = new Samples(own.config);
    for (int r = 0; r < own.rows(); r++) {
      int user = (int) ((long) r * users.rows() / own.rows());
      int item = r * 31 % items.rows();
      float[] dense = own.dense(r).clone();
      if (dense.length > 0) {
        dense[0] = users.dense(user)[0];
      }
      int[][] bags = own.bags(r).clone();
      for (int f = 0; f < bags.length; f++) {
        bags[f] =
            switch (f % 3) {
              case 0 -> users.bags(user)[f];
              case 1 -> items.bags(item)[f];
              default -> bags[f];
            };
      }
      samples.add(dense, bags);
    }
    return samples;
  }

  /** What repeats in {@link #joined} rows of a model: users, then items. */
  public static List<Repeating> usersAndItems(DlrmConfig config) {
    int features = config.sparseFeatures().size();
    return List.of(
        new Repeating(
            config.denseFeatures().isEmpty() ? List.of() : List.of(0),
            IntStream.range(0, features).filter(f -> f % 3 == 0).boxed().toList()),
        new Repeating(
            List.of(), IntStream.range(0, features).filter(f -> f % 3 == 1).boxed().toList()));
  }

  public int rows() {
    return dense.size();
  }

  /** Dense values of a row. */
  public float[] dense(int row) {
    return dense.get(row);
  }

  /** Bags of a row, one a sparse feature. */
  public int[][] bags(int row) {
    return bags.get(row);
  }

  /** Fills {@code batch} with the rows that {@code rows} lists, in its order. */
  public void fill(FeatureBatch batch, int... rows) {
    for (int c = 0; c < config.denseFeatures().size(); c++) {
      putDense(batch, c, rows);
    }
    for (int f = 0; f < config.sparseFeatures().size(); f++) {
      putBags(batch, f, rows);
    }
    batch.rows(rows.length);
  }

  /** Fills one sparse feature of {@code batch} with the rows that {@code rows} lists. */
  public void fillSparse(FeatureBatch batch, int feature, int... rows) {
    putBags(batch, feature, rows);
  }

  /**
   * Features that repeat together.
   *
   * @param dense dense features
   * @param sparse sparse features
   */
  public record Repeating(List<Integer> dense, List<Integer> sparse) {}

  /** Fills as {@link #fill} does, but what repeats by distinct instance. */
  public void fillShared(FeatureBatch batch, List<Repeating> groups, int... rows) {
    batch.shareNothing();
    fill(batch, rows);
    for (Repeating group : groups) {
      Instances instances = batch.share(group.dense(), group.sparse());
      Map<List<Object>, Integer> distinct = new HashMap<>();
      List<Integer> firsts = new ArrayList<>();
      for (int r = 0; r < rows.length; r++) {
        int instance = distinct.computeIfAbsent(values(group, rows[r]), key -> distinct.size());
        if (instance == firsts.size()) {
          firsts.add(rows[r]);
        }
        instances.ofRows().put(r, instance);
      }
      instances.count(firsts.size());
      int[] filled = firsts.stream().mapToInt(Integer::intValue).toArray();
      group.dense().forEach(c -> putDense(batch, c, filled));
      group.sparse().forEach(f -> putBags(batch, f, filled));
    }
  }

  private List<Object> values(Repeating group, int row) {
    List<Object> values = new ArrayList<>();
    group.dense().forEach(c -> values.add(dense.get(row)[c]));
    group.sparse().forEach(f -> values.add(IntStream.of(bags.get(row)[f]).boxed().toList()));
    return values;
  }

  private void putDense(FeatureBatch batch, int feature, int[] rows) {
    for (int r = 0; r < rows.length; r++) {
      batch.dense(feature).put(r, dense.get(rows[r])[feature]);
    }
  }

  private void putBags(FeatureBatch batch, int feature, int[] rows) {
    JaggedTensor sparse = batch.sparse(feature);
    int at = 0;
    for (int r = 0; r < rows.length; r++) {
      int[] bag = bags.get(rows[r])[feature];
      sparse.ids().ensure(at + bag.length);
      sparse.ids().put(at, bag, 0, bag.length);
      at += bag.length;
      sparse.offsets().put(r + 1, at);
    }
  }
}
