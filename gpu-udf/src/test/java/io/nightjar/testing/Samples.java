package io.nightjar.testing;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.model.DlrmConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

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
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < config.denseFeatures().size(); c++) {
        batch.dense(c).put(r, dense.get(rows[r])[c]);
      }
    }
    for (int f = 0; f < config.sparseFeatures().size(); f++) {
      JaggedTensor sparse = batch.sparse(f);
      int at = 0;
      for (int r = 0; r < rows.length; r++) {
        int[] bag = bags.get(rows[r])[f];
        sparse.ensureValues(at + bag.length);
        sparse.values().put(at, bag);
        at += bag.length;
        sparse.offsets().put(r + 1, at);
      }
    }
    batch.rows(rows.length);
  }
}
