package io.nightjar.spark.executor;

/** Moves a partition's rows into scoring batches; one implementation a kind of input. */
interface BatchFiller {

  /**
   * Whether there are rows left. It may run the child, and with it other scorers of the same task:
   * between two calls a batch that is half filled may have been handed back.
   */
  boolean hasNext();

  /**
   * Moves at least one row, and no more than there is room for, without running the child.
   *
   * @throws BadRowException for a bad row, where such rows are to fail
   */
  void fill(ScoringBatch batch);

  /** What fills the features. */
  FeatureFillers features();
}
