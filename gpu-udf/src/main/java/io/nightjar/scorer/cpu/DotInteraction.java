package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction.Pairs;
import org.bytedeco.javacpp.FloatPointer;

/** The dense vector, then the dot product of each pair: a product of a row's vectors with them. */
final class DotInteraction implements InteractionStep {
  private final int chunk;
  private final int vectors;
  private final int dim;
  private final int dense;
  private final int[] pairs;
  private final FloatArray products;
  private final float[] productRow;
  private final FloatArray out;
  private final float[] outRow;

  DotInteraction(DlrmConfig config, Pairs order, int chunk) {
    this.chunk = chunk;
    this.vectors = config.vectors();
    this.dim = config.tableOf(0).embeddingDim();
    this.dense = config.denseElements();
    this.pairs = pairs(vectors, order);
    this.products = new FloatArray((long) vectors * vectors);
    this.productRow = new float[vectors * vectors];
    this.outRow = new float[dense + pairs.length];
    this.out = new FloatArray((long) chunk * outRow.length);
  }

  @Override
  public FloatArray apply(FloatArray x) {
    int width = vectors * dim;
    FloatPointer row = x.pointer(0);
    for (int r = 0; r < chunk; r++) {
      row.position((long) r * width);
      Blas.product(vectors, vectors, dim, row, dim, row, dim, products.pointer(), vectors);
      products.buffer().get(0, productRow);
      x.buffer().get(r * width, outRow, 0, dense);
      for (int p = 0; p < pairs.length; p++) {
        outRow[dense + p] = productRow[pairs[p]];
      }
      out.buffer().put(r * outRow.length, outRow);
    }
    return out;
  }

  /** Where each pair stands among the products [vectors, vectors]. */
  private static int[] pairs(int vectors, Pairs order) {
    int[] pairs = new int[vectors * (vectors - 1) / 2];
    int next = 0;
    for (int i = 0; i < vectors; i++) {
      int from = order == Pairs.LOWER ? 0 : i + 1;
      int to = order == Pairs.LOWER ? i : vectors;
      for (int j = from; j < to; j++) {
        pairs[next++] = i * vectors + j;
      }
    }
    return pairs;
  }

  @Override
  public void close() {
    products.close();
    out.close();
  }
}
