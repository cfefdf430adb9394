package io.nightjar.scorer.cpu;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.batch.PackedIds;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.EmbeddingTable;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.BatchCheck;
import java.util.Arrays;

/**
 * Pools the bags of every sparse feature. One a scorer, for its scratch row.
 *
 * <p>Where a feature repeats, the vector of one row is left in place for the next of the same
 * instance: rows that come user by user pool each user once.
 */
final class EmbeddingBags {
  private final DlrmConfig config;
  private final EmbeddingTable[] tables;
  private final boolean[] mean;
  private final float[] tableRow;
  private final int[] pooled;

  EmbeddingBags(DlrmWeights weights) {
    this.config = weights.info().config();
    int features = config.sparseFeatures().size();
    this.tables = new EmbeddingTable[features];
    this.mean = new boolean[features];
    int widest = 0;
    for (int f = 0; f < features; f++) {
      tables[f] = weights.table(config.sparseFeatures().get(f).table());
      mean[f] = config.tableOf(f).pooling() == Pooling.MEAN;
      widest = Math.max(widest, tables[f].embeddingDim());
    }
    this.tableRow = new float[widest];
    this.pooled = new int[features];
  }

  /**
   * Begins a batch: checks that the bags follow one another and that every row id lies in its
   * table.
   *
   * @throws IllegalArgumentException naming the feature, the row and the value
   */
  void begin(FeatureBatch batch) {
    Arrays.fill(pooled, -1);
    BatchCheck.sizes(config, batch);
    BatchCheck.rows(config, batch);
    for (int f = 0; f < config.sparseFeatures().size(); f++) {
      JaggedTensor bags = batch.sparse(f);
      int numEmbeddings = config.tableOf(f).numEmbeddings();
      int end = bags.begin(bags.instances().count());
      for (int at = 0; at < end; at++) {
        int id = bags.ids().get(at);
        if (id < 0 || id >= numEmbeddings) {
          throw BatchCheck.invalidRowId(config, batch, f, at);
        }
      }
    }
  }

  /**
   * Pools the bags of one row of the batch.
   *
   * @param out the pooled vectors, one after another from element {@code at}; those of the row
   *     before it in the batch are still there
   */
  void pool(FeatureBatch batch, int row, float[] out, int at) {
    int to = at;
    for (int f = 0; f < tables.length; f++) {
      JaggedTensor bags = batch.sparse(f);
      int bag = bags.instances().of(row);
      if (bag != pooled[f]) {
        pool(f, bags, bag, out, to);
        pooled[f] = bag;
      }
      to += tables[f].embeddingDim();
    }
  }

  private void pool(int feature, JaggedTensor bags, int bag, float[] out, int at) {
    int begin = bags.begin(bag);
    int end = bags.begin(bag + 1);
    add(tables[feature], bags.ids(), begin, end, out, at);
    if (mean[feature] && end - begin > 1) {
      divide(out, at, tables[feature].embeddingDim(), end - begin);
    }
  }

  /** Adds up the rows of one bag, each read once, in order. */
  private void add(EmbeddingTable table, PackedIds ids, int begin, int end, float[] out, int at) {
    int dim = table.embeddingDim();
    if (begin == end) {
      Arrays.fill(out, at, at + dim, 0f);
      return;
    }
    table.read(ids.get(begin), out, at);
    for (int i = begin + 1; i < end; i++) {
      table.read(ids.get(i), tableRow, 0);
      for (int d = 0; d < dim; d++) {
        out[at + d] += tableRow[d];
      }
    }
  }

  private static void divide(float[] out, int at, int dim, float count) {
    for (int d = 0; d < dim; d++) {
      out[at + d] /= count;
    }
  }
}
