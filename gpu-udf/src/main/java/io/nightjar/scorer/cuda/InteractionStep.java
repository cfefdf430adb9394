package io.nightjar.scorer.cuda;

/** Leads from a row's vectors to the top MLP's input. */
interface InteractionStep {

  /**
   * Launches it.
   *
   * @param sources address of the {@link VectorSource}s
   * @return the top MLP's input
   */
  Operand launch(Recording recording, long sources);
}
