package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.WeightLayout;
import java.nio.FloatBuffer;

/**
 * One layer of TorchRec's low-rank cross network: {@code x := x0 * (w (v x) + bias) + x}.
 * Immutable, shared by scorers; owns its weights.
 */
final class CrossLayer implements AutoCloseable {
  private final int elements;
  private final int rank;
  private final FloatArray w;
  private final FloatArray v;
  private final float[] bias;

  CrossLayer(DlrmWeights weights, WeightLayout.Cross cross) {
    this.elements = Math.toIntExact(cross.w().shape().get(0));
    this.rank = Math.toIntExact(cross.w().shape().get(1));
    this.bias = new float[elements];
    weights.read(cross.bias(), FloatBuffer.wrap(bias));
    this.w = new FloatArray((long) elements * rank);
    weights.read(cross.w(), w.buffer());
    this.v = new FloatArray((long) elements * rank);
    weights.read(cross.v(), v.buffer());
  }

  int rank() {
    return rank;
  }

  float[] bias() {
    return bias;
  }

  /**
   * {@code y = w (v x)}, without the bias.
   *
   * @param x [rows, elements]
   * @param low scratch of [rows, rank]
   * @param y [rows, elements]
   */
  void product(int rows, FloatArray x, FloatArray low, FloatArray y) {
    Blas.product(
        rows, rank, elements, x.pointer(), elements, v.pointer(), elements, low.pointer(), rank);
    Blas.product(
        rows, elements, rank, low.pointer(), rank, w.pointer(), rank, y.pointer(), elements);
  }

  @Override
  public void close() {
    w.close();
    v.close();
  }
}
