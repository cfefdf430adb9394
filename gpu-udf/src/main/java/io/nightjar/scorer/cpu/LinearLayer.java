package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.WeightLayout;
import java.nio.FloatBuffer;

/** {@code y = activation(x wᵀ + bias)}. Immutable, shared by scorers; owns its weight. */
final class LinearLayer implements AutoCloseable {
  private final int in;
  private final int out;
  private final boolean relu;
  private final float[] bias;
  private final FloatArray weight;

  LinearLayer(DlrmWeights weights, WeightLayout.Linear linear, boolean relu) {
    this.out = Math.toIntExact(linear.weight().shape().get(0));
    this.in = Math.toIntExact(linear.weight().shape().get(1));
    this.relu = relu;
    this.bias = new float[out];
    weights.read(linear.bias(), FloatBuffer.wrap(bias));
    this.weight = new FloatArray((long) out * in);
    weights.read(linear.weight(), weight.buffer());
  }

  int out() {
    return out;
  }

  /**
   * Applies the layer to {@code rows} rows.
   *
   * @param x [rows, in], {@code xStride} elements from row to row
   * @param row scratch of at least {@code out} elements
   * @param y [rows, out], {@code yStride} elements from row to row
   */
  void apply(int rows, FloatArray x, int xStride, float[] row, FloatArray y, int yStride) {
    Blas.product(rows, out, in, x.pointer(), xStride, weight.pointer(), in, y.pointer(), yStride);
    FloatBuffer values = y.buffer();
    for (int r = 0; r < rows; r++) {
      values.get(r * yStride, row, 0, out);
      addBias(row);
      values.put(r * yStride, row, 0, out);
    }
  }

  private void addBias(float[] row) {
    if (relu) {
      for (int i = 0; i < out; i++) {
        row[i] = Math.max(row[i] + bias[i], 0f); // NaN stays NaN
      }
    } else {
      for (int i = 0; i < out; i++) {
        row[i] += bias[i];
      }
    }
  }

  @Override
  public void close() {
    weight.close();
  }
}
