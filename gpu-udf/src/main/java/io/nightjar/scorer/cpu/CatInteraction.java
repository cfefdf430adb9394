package io.nightjar.scorer.cpu;

/** The vectors one after another, which is how they lie. */
record CatInteraction() implements InteractionStep {
  @Override
  public FloatArray apply(FloatArray vectors) {
    return vectors;
  }

  @Override
  public void close() {}
}
