package io.nightjar.scorer.cuda;

import java.util.List;

/**
 * Concatenates the vectors and applies the layers of the cross network one after another.
 *
 * @param layers at least one
 * @param projection scratch, [rows, rank]
 * @param x0 gets the vectors
 * @param x two operands that layers write in turn
 */
record CrossNetwork(
    ConcatenateKernel concatenate,
    LinearKernel linear,
    List<DeviceWeights.Cross> layers,
    int vectors,
    Operand projection,
    Operand x0,
    List<Operand> x)
    implements InteractionStep {

  @Override
  public Operand launch(Recording recording, long sources) {
    concatenate.launch(recording, sources, vectors, x0);
    Operand in = x0;
    for (int l = 0; l < layers.size(); l++) {
      DeviceWeights.Cross layer = layers.get(l);
      Operand out = x.get(l % x.size());
      linear.plain(recording, in, layer.v(), projection);
      linear.cross(recording, projection, layer.w(), x0, in, out);
      in = out;
    }
    return in;
  }
}
