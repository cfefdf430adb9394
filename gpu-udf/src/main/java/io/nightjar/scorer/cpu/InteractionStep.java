package io.nightjar.scorer.cpu;

/** Makes the top MLP's inputs from the vectors. One a scorer; owns its scratch memory. */
sealed interface InteractionStep extends AutoCloseable
    permits CatInteraction, CrossInteraction, DotInteraction {

  /**
   * Applies the interaction to a whole chunk.
   *
   * @param vectors [chunk, elements of all vectors], the dense vector first
   * @return [chunk, inputs of the top MLP]; {@code vectors} itself or the step's own memory
   */
  FloatArray apply(FloatArray vectors);

  @Override
  void close();
}
