package io.nightjar.scorer.cuda;

import java.nio.ByteBuffer;

/** vector_source.cuh: where the interaction finds one of a row's vectors. */
final class VectorSource {
  /** Size of a description. */
  static final int BYTES = 40;

  private VectorSource() {}

  /**
   * Describes a source.
   *
   * @param vectors address of the vectors
   * @param ids address of a row id an instance, where vectors are a table's; 0: vector i is
   *     instance i's
   * @param instances address of the instance of each row, where rows share vectors or ids; 0: every
   *     row is an instance of its own
   * @param stride elements from one vector to the next
   * @param column elements of the vectors before this one
   */
  static void describe(
      ByteBuffer to, long vectors, long ids, long instances, int stride, int dim, int column) {
    to.putLong(vectors)
        .putLong(ids)
        .putLong(instances)
        .putInt(stride)
        .putInt(dim)
        .putInt(column)
        .putInt(0);
  }
}
