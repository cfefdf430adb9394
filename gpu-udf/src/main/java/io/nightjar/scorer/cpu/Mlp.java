package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.WeightLayout;
import java.util.List;

/** The linear layers of an MLP. Immutable, shared by scorers. */
final class Mlp {
  private final List<LinearLayer> layers;

  /**
   * Reads the layers.
   *
   * @param lastRelu whether the last layer ends with ReLU, as the others do
   */
  Mlp(DlrmWeights weights, List<WeightLayout.Linear> linears, boolean lastRelu, FloatArena arena) {
    LinearLayer[] read = new LinearLayer[linears.size()];
    for (int i = 0; i < read.length; i++) {
      read[i] = new LinearLayer(weights, linears.get(i), lastRelu || i < read.length - 1, arena);
    }
    this.layers = List.of(read);
  }

  List<LinearLayer> layers() {
    return layers;
  }
}
