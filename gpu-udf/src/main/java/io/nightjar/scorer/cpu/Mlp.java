package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.WeightLayout;
import java.util.ArrayList;
import java.util.List;

/** Linear layers one after another. Immutable, shared by scorers; owns its layers. */
final class Mlp implements AutoCloseable {
  private final LinearLayer[] layers;

  /**
   * Reads the layers.
   *
   * @param lastRelu whether the last layer ends with ReLU, as the others do
   */
  Mlp(DlrmWeights weights, List<WeightLayout.Linear> linears, boolean lastRelu) {
    List<LinearLayer> read = new ArrayList<>();
    for (int i = 0; i < linears.size(); i++) {
      read.add(new LinearLayer(weights, linears.get(i), lastRelu || i < linears.size() - 1));
    }
    this.layers = read.toArray(LinearLayer[]::new);
  }

  /** Largest output of a layer. */
  int widest() {
    int widest = 0;
    for (LinearLayer layer : layers) {
      widest = Math.max(widest, layer.out());
    }
    return widest;
  }

  /**
   * Applies the layers to {@code rows} rows.
   *
   * @param x [rows, inputs], {@code xStride} elements from row to row
   * @param scratch two arrays of at least [rows, {@link #widest}], used in turn
   * @param row scratch of at least {@link #widest} elements
   * @param y [rows, outputs of the last layer], {@code yStride} elements from row to row
   */
  void apply(
      int rows,
      FloatArray x,
      int xStride,
      FloatArray[] scratch,
      float[] row,
      FloatArray y,
      int yStride) {
    FloatArray from = x;
    int stride = xStride;
    for (int i = 0; i < layers.length - 1; i++) {
      FloatArray to = scratch[i % 2];
      layers[i].apply(rows, from, stride, row, to, layers[i].out());
      from = to;
      stride = layers[i].out();
    }
    layers[layers.length - 1].apply(rows, from, stride, row, y, yStride);
  }

  @Override
  public void close() {
    for (LinearLayer layer : layers) {
      layer.close();
    }
  }
}
