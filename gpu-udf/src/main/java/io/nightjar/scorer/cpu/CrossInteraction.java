package io.nightjar.scorer.cpu;

import java.nio.FloatBuffer;
import java.util.List;

/** Applies the layers of the cross network one after another. */
final class CrossInteraction implements InteractionStep {
  private final List<CrossLayer> layers;
  private final int elements;
  private final float[] first;
  private final Activations x;
  private final Activations low;
  private final FloatArray product;
  private final float[] productRow = new float[Chunk.SIZE];
  private final float[] row = new float[Chunk.SIZE];

  CrossInteraction(List<CrossLayer> layers, int elements, int rank, FloatArena arena) {
    this.layers = layers;
    this.elements = elements;
    this.first = new float[elements * Chunk.SIZE];
    this.x = arena.activations(elements, false);
    this.low = arena.activations(rank, false);
    this.product = arena.allocate((long) elements * Chunk.SIZE);
  }

  @Override
  public void put(int at, float[] vectors) {
    for (int e = 0; e < elements; e++) {
      first[e * Chunk.SIZE + at] = vectors[e];
    }
  }

  @Override
  public Activations inputs() {
    x.values().buffer().put(0, first);
    for (int l = 0; l < layers.size(); l++) {
      CrossLayer layer = layers.get(l);
      x.multiply(layer.v(), low.features(), low.values());
      low.multiply(layer.w(), elements, product);
      cross(layer.bias());
    }
    return x;
  }

  private void cross(FloatBuffer bias) {
    FloatBuffer values = x.values().buffer();
    for (int e = 0; e < elements; e++) {
      int at = e * Chunk.SIZE;
      product.buffer().get(at, productRow);
      values.get(at, row);
      float b = bias.get(e);
      for (int i = 0; i < Chunk.SIZE; i++) {
        row[i] += first[at + i] * (productRow[i] + b);
      }
      values.put(at, row);
    }
  }
}
