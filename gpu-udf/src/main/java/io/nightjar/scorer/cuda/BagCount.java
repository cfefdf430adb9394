package io.nightjar.scorer.cuda;

/**
 * The bags of a batch that have to be pooled.
 *
 * @param bags of all features together
 * @param ids that they hold
 */
record BagCount(long bags, long ids) {
  /**
   * Mean number of ids from which bags are long. Measured on an H200: from 64 on the walk for long
   * ones gains more on rows that are seldom hit than it loses on hot ones (docs/embedding-bag.md).
   */
  private static final int LONG_BAG = 64;

  /** Whether there are any. */
  boolean isEmpty() {
    return bags == 0;
  }

  /** Whether they are long. */
  boolean areLong() {
    return !isEmpty() && ids >= LONG_BAG * bags;
  }

  /** The walk for such bags where nothing is measured. */
  BagWalk walk() {
    return areLong() ? BagWalk.LONG : BagWalk.SHORT;
  }
}
