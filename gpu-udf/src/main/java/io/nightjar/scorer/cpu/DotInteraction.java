package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction.Pairs;

/**
 * The dense vector, then the dot product of each pair: the product of a row's vectors with them.
 */
final class DotInteraction implements InteractionStep {
  private final int count;
  private final int dim;
  private final int dense;
  private final int[] pairs;
  private final FloatArray vectors;
  private final FloatArray products;
  private final float[] productRow;
  private final float[] inputRow;
  private final Activations inputs;

  DotInteraction(DlrmConfig config, Pairs order, FloatArena arena) {
    this.count = config.vectors();
    this.dim = config.tableOf(0).embeddingDim();
    this.dense = config.denseElements();
    this.pairs = pairs(count, order);
    this.vectors = arena.allocate((long) count * dim);
    this.products = arena.allocate((long) count * count);
    this.productRow = new float[count * count];
    this.inputRow = new float[dense + pairs.length];
    this.inputs = arena.activations(inputRow.length, true);
  }

  @Override
  public void put(int row, float[] rowVectors) {
    vectors.buffer().put(0, rowVectors);
    Blas.productTransposed(
        count, count, dim, vectors.pointer(), vectors.pointer(), products.pointer());
    products.buffer().get(0, productRow);
    System.arraycopy(rowVectors, 0, inputRow, 0, dense);
    for (int p = 0; p < pairs.length; p++) {
      inputRow[dense + p] = productRow[pairs[p]];
    }
    inputs.values().buffer().put(row * inputRow.length, inputRow);
  }

  @Override
  public Activations inputs() {
    return inputs;
  }

  /** Where each pair stands among the products [count, count]. */
  private static int[] pairs(int count, Pairs order) {
    int[] pairs = new int[count * (count - 1) / 2];
    int next = 0;
    for (int i = 0; i < count; i++) {
      int from = order == Pairs.LOWER ? 0 : i + 1;
      int to = order == Pairs.LOWER ? i : count;
      for (int j = from; j < to; j++) {
        pairs[next++] = i * count + j;
      }
    }
    return pairs;
  }
}
