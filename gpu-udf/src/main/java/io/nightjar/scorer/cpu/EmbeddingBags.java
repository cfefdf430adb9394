package io.nightjar.scorer.cpu;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.EmbeddingTable;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.BatchCheck;
import java.nio.IntBuffer;
import java.util.Arrays;

/** Pools the bags of every sparse feature. One a scorer, for its scratch row. */
final class EmbeddingBags {
  private final DlrmConfig config;
  private final EmbeddingTable[] tables;
  private final boolean[] mean;
  private final float[] tableRow;

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
  }

  /**
   * Checks that the bags follow one another and that every row id lies in its table.
   *
   * @throws IllegalArgumentException naming the feature, the row and the value
   */
  void check(FeatureBatch batch) {
    for (int f = 0; f < config.sparseFeatures().size(); f++) {
      BatchCheck.offsets(config, batch, f);
      IntBuffer values = batch.sparse(f).values();
      int numEmbeddings = config.tableOf(f).numEmbeddings();
      int end = batch.sparse(f).offsets().get(batch.rows());
      for (int at = 0; at < end; at++) {
        int id = values.get(at);
        if (id < 0 || id >= numEmbeddings) {
          throw BatchCheck.invalidRowId(config, batch, f, at);
        }
      }
    }
  }

  /**
   * Pools the bags of one row of the batch.
   *
   * @param out the pooled vectors, one after another from element {@code at}
   */
  void pool(FeatureBatch batch, int row, float[] out, int at) {
    int to = at;
    for (int f = 0; f < tables.length; f++) {
      JaggedTensor bags = batch.sparse(f);
      int begin = bags.offsets().get(row);
      int end = bags.offsets().get(row + 1);
      pool(tables[f], bags.values(), begin, end, out, to);
      if (mean[f] && end - begin > 1) {
        divide(out, to, tables[f].embeddingDim(), end - begin);
      }
      to += tables[f].embeddingDim();
    }
  }

  /** Adds up the rows of one bag, each read once, in order. */
  private void pool(EmbeddingTable table, IntBuffer ids, int begin, int end, float[] out, int at) {
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
