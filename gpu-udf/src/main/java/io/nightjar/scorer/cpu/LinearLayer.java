package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.WeightLayout;
import java.nio.FloatBuffer;

/** {@code y = activation(weight x + bias)}. Immutable, shared by scorers. */
final class LinearLayer {
  private final int out;
  private final boolean relu;
  private final float[] bias;
  private final FloatArray weight;

  LinearLayer(DlrmWeights weights, WeightLayout.Linear linear, boolean relu, FloatArena arena) {
    this.out = Math.toIntExact(linear.bias().shape().get(0));
    this.relu = relu;
    this.bias = new float[out];
    weights.read(linear.bias(), FloatBuffer.wrap(bias));
    this.weight = arena.read(weights, linear.weight());
  }

  /** Number of outputs. */
  int out() {
    return out;
  }

  /**
   * Applies the layer to a chunk.
   *
   * @param y gets the outputs, [out, {@link Chunk#SIZE}]
   * @param row scratch, {@link Chunk#SIZE}
   */
  void apply(Activations x, FloatArray y, float[] row) {
    multiply(x, y);
    FloatBuffer values = y.buffer();
    for (int o = 0; o < out; o++) {
      values.get(o * Chunk.SIZE, row);
      activate(row, bias[o]);
      values.put(o * Chunk.SIZE, row);
    }
  }

  /** The product alone. */
  void multiply(Activations x, FloatArray y) {
    x.multiply(weight, out, y);
  }

  private void activate(float[] row, float bias) {
    if (relu) {
      for (int i = 0; i < Chunk.SIZE; i++) {
        row[i] = Math.max(row[i] + bias, 0f); // Math.max keeps NaN
      }
    } else {
      for (int i = 0; i < Chunk.SIZE; i++) {
        row[i] += bias;
      }
    }
  }
}
