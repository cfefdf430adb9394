package io.nightjar.scorer.cuda;

import java.nio.ByteBuffer;

/**
 * A sparse feature of the batch on the device; what has no name of its own is an address.
 *
 * @param ids its row ids
 * @param offsets [count + 1] where each bag starts; 0: one id a bag
 * @param count where the number of bags is
 * @param bags that number
 * @param instances [rows] the bag of each row; 0: every row has a bag of its own
 * @param isGathered whether the interaction takes the table's rows themselves
 * @param pooled [count, stride of the table] pooled vectors, unless it is gathered
 */
record DeviceFeature(
    DeviceTable table,
    long ids,
    long offsets,
    long count,
    int bags,
    long instances,
    boolean isGathered,
    long pooled) {

  /** Describes its bags; of a gathered feature none is left to pool. */
  void describeBags(ByteBuffer to, long zero) {
    EmbeddingBagKernel.describe(to, table, ids, offsets, isGathered ? zero : count, pooled);
  }

  /** Describes where each row finds its vector, which begins at {@code column} of all vectors. */
  void describeSource(ByteBuffer to, int column) {
    VectorSource.describe(
        to,
        isGathered ? table.rows().address() : pooled,
        isGathered ? ids : 0,
        instances,
        table.stride(),
        table.dim(),
        column);
  }
}
