package io.nightjar.scorer.cpu;

import java.util.ArrayList;
import java.util.List;

/** Applies an MLP to chunks. One a scorer; owns the memory of the layers' outputs. */
final class MlpScratch implements AutoCloseable {
  private final Mlp mlp;
  private final List<Activations> outputs = new ArrayList<>();
  private final float[] row = new float[Chunk.SIZE];

  MlpScratch(Mlp mlp) {
    this.mlp = mlp;
    for (LinearLayer layer : mlp.layers()) {
      FloatArray values = new FloatArray((long) layer.out() * Chunk.SIZE);
      outputs.add(new Activations(values, layer.out(), false));
    }
  }

  /** The last layer's outputs for {@code inputs}; valid until the next call. */
  Activations apply(Activations inputs) {
    Activations x = inputs;
    for (int i = 0; i < outputs.size(); i++) {
      mlp.layers().get(i).apply(x, outputs.get(i).values(), row);
      x = outputs.get(i);
    }
    return x;
  }

  @Override
  public void close() {
    outputs.forEach(output -> output.values().close());
  }
}
