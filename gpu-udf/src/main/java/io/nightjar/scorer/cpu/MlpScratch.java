package io.nightjar.scorer.cpu;

import java.util.ArrayList;
import java.util.List;

/** Applies an MLP to chunks. One a scorer, for the layers' outputs. */
final class MlpScratch {
  private final Mlp mlp;
  private final List<Activations> outputs = new ArrayList<>();
  private final float[] row = new float[Chunk.SIZE];

  MlpScratch(Mlp mlp, FloatArena arena) {
    this.mlp = mlp;
    for (LinearLayer layer : mlp.layers()) {
      outputs.add(arena.activations(layer.out(), false));
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
}
