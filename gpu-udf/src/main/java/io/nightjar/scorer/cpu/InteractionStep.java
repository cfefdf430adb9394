package io.nightjar.scorer.cpu;

/** Makes the top MLP's inputs of a chunk's vectors. One a scorer, for its scratch memory. */
sealed interface InteractionStep permits CatInteraction, CrossInteraction, DotInteraction {

  /**
   * Takes the vectors of one row.
   *
   * @param row from 0 to {@link Chunk#SIZE} - 1
   * @param vectors the dense vector, if any, then the pooled ones, one after another
   */
  void put(int row, float[] vectors);

  /** The top MLP's inputs of the rows put so far; valid until the next {@link #put}. */
  Activations inputs();
}
