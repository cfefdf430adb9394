package io.nightjar.scorer.cpu;

import java.util.List;

/** Applies the cross layers one after another to the vectors of a chunk. */
final class CrossInteraction implements InteractionStep {
  private final List<CrossLayer> layers;
  private final int chunk;
  private final int elements;
  private final FloatArray low;
  private final FloatArray product;
  private final FloatArray out;
  private final float[] productRow;
  private final float[] firstRow;
  private final float[] row;

  CrossInteraction(List<CrossLayer> layers, int elements, int chunk) {
    this.layers = layers;
    this.chunk = chunk;
    this.elements = elements;
    this.low = new FloatArray((long) chunk * layers.get(0).rank());
    this.product = new FloatArray((long) chunk * elements);
    this.out = new FloatArray((long) chunk * elements);
    this.productRow = new float[elements];
    this.firstRow = new float[elements];
    this.row = new float[elements];
  }

  @Override
  public FloatArray apply(FloatArray vectors) {
    FloatArray from = vectors;
    for (int i = 0; i < layers.size(); i++) {
      CrossLayer layer = layers.get(i);
      layer.product(chunk, from, low, product);
      for (int r = 0; r < chunk; r++) {
        int at = r * elements;
        product.buffer().get(at, productRow);
        vectors.buffer().get(at, firstRow);
        from.buffer().get(at, row);
        cross(layer.bias());
        out.buffer().put(at, row);
      }
      from = out;
    }
    return out;
  }

  private void cross(float[] bias) {
    for (int i = 0; i < elements; i++) {
      row[i] += firstRow[i] * (productRow[i] + bias[i]);
    }
  }

  @Override
  public void close() {
    low.close();
    product.close();
    out.close();
  }
}
