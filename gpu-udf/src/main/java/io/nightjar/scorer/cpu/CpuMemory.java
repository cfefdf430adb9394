package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;

/** What the CPU backend takes outside the heap, beside mapped tables and batches, in bytes. */
final class CpuMemory {
  private CpuMemory() {}

  /** A model's weights but its tables, as fp32. */
  static long model(DlrmConfig config) {
    long elements = 0;
    long in = config.denseFeatures().size();
    for (int out : config.bottomMlp()) {
      elements += in * out;
      in = out;
    }
    if (config.interaction() instanceof Interaction.Cross cross) {
      elements += 2L * cross.layers() * config.vectorElements() * cross.rank();
    }
    in = config.interactionElements();
    for (int out : config.topMlp()) {
      elements += in * out;
      in = out;
    }
    return elements * Float.BYTES;
  }

  /** One scorer's activations of a chunk. */
  static long scorer(DlrmConfig config) {
    long perRow = config.denseFeatures().size();
    for (int out : config.bottomMlp()) {
      perRow += out;
    }
    for (int out : config.topMlp()) {
      perRow += out;
    }
    long others = 0;
    if (config.interaction() instanceof Interaction.Dot) {
      perRow += config.interactionElements();
      others = config.vectorElements() + (long) config.vectors() * config.vectors();
    } else if (config.interaction() instanceof Interaction.Cross cross) {
      perRow += 2 * config.vectorElements() + cross.rank();
    } else {
      perRow += config.vectorElements();
    }
    return (perRow * Chunk.SIZE + others) * Float.BYTES;
  }
}
