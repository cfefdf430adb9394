package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.WeightLayout;
import java.nio.FloatBuffer;

/**
 * One layer of TorchRec's low-rank cross network: {@code x := x0 * (w (v x) + bias) + x}.
 * Immutable, shared by scorers.
 *
 * @param w [elements, rank]
 * @param v [rank, elements]
 * @param bias [elements]
 */
record CrossLayer(FloatArray w, FloatArray v, FloatBuffer bias) {

  static CrossLayer read(DlrmWeights weights, WeightLayout.Cross cross, FloatArena arena) {
    FloatBuffer bias = FloatBuffer.allocate(Math.toIntExact(cross.bias().shape().get(0)));
    weights.read(cross.bias(), bias);
    return new CrossLayer(arena.read(weights, cross.w()), arena.read(weights, cross.v()), bias);
  }
}
