package io.nightjar.scorer.cpu;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.EmbeddingTable;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.Pooling;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** Pools the bags of every sparse feature. One a scorer, for its scratch rows. */
final class EmbeddingBags {
  private final DlrmConfig config;
  private final DlrmWeights weights;
  private final float[] sum;
  private final float[] row;

  EmbeddingBags(DlrmWeights weights) {
    this.config = weights.info().config();
    this.weights = weights;
    int widest =
        config.tables().stream().mapToInt(EmbeddingTableConfig::embeddingDim).max().orElse(0);
    this.sum = new float[widest];
    this.row = new float[widest];
  }

  /**
   * Checks that the bags follow one another and that every row id lies in its table.
   *
   * @throws IllegalArgumentException naming the feature, the row and the value
   */
  void check(FeatureBatch batch) {
    for (int f = 0; f < config.sparseFeatures().size(); f++) {
      IntBuffer offsets = batch.sparse(f).offsets();
      IntBuffer values = batch.sparse(f).values();
      int numEmbeddings = config.tableOf(f).numEmbeddings();
      int at = 0;
      if (offsets.get(0) != 0) {
        throw invalid("offset", f, 0, offsets.get(0), "0");
      }
      for (int r = 0; r < batch.rows(); r++) {
        int end = offsets.get(r + 1);
        if (end < at || end > values.capacity()) {
          throw invalid("offset", f, r + 1, end, at + " to " + values.capacity());
        }
        for (; at < end; at++) {
          int id = values.get(at);
          if (id < 0 || id >= numEmbeddings) {
            throw invalid("row id", f, r, id, "0 to " + (numEmbeddings - 1));
          }
        }
      }
    }
  }

  /**
   * Pools rows {@code [start, start + rows)} of the batch.
   *
   * @param out [rows, stride]: the pooled vectors, one after another from element {@code column}
   */
  void pool(FeatureBatch batch, int start, int rows, FloatBuffer out, int column, int stride) {
    int at = column;
    for (int f = 0; f < config.sparseFeatures().size(); f++) {
      EmbeddingTable table = weights.table(config.sparseFeatures().get(f).table());
      boolean mean = config.tableOf(f).pooling() == Pooling.MEAN;
      JaggedTensor bags = batch.sparse(f);
      for (int r = 0; r < rows; r++) {
        pool(table, mean, bags, start + r);
        out.put(at + r * stride, sum, 0, table.embeddingDim());
      }
      at += table.embeddingDim();
    }
  }

  /** Leaves the pooled vector of one bag in {@link #sum}; each row is read once, in order. */
  private void pool(EmbeddingTable table, boolean mean, JaggedTensor bags, int bag) {
    int dim = table.embeddingDim();
    int begin = bags.offsets().get(bag);
    int end = bags.offsets().get(bag + 1);
    if (begin == end) {
      Arrays.fill(sum, 0, dim, 0f);
      return;
    }
    table.read(bags.values().get(begin), sum);
    for (int i = begin + 1; i < end; i++) {
      table.read(bags.values().get(i), row);
      for (int d = 0; d < dim; d++) {
        sum[d] += row[d];
      }
    }
    if (mean) {
      float count = end - begin;
      for (int d = 0; d < dim; d++) {
        sum[d] /= count;
      }
    }
  }

  private IllegalArgumentException invalid(
      String what, int feature, int row, int found, String expected) {
    return new IllegalArgumentException(
        "Invalid %s of sparse feature %s in row %d: %d, expected %s (num_embeddings %d)"
            .formatted(
                what,
                config.sparseFeatures().get(feature).name(),
                row,
                found,
                expected,
                config.tableOf(feature).numEmbeddings()));
  }
}
