package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;

/** group_bags.cuh: brings the ids of every bag into the order of ranges of their table. */
final class GroupBagsKernel {
  private static final int THREADS = 256;

  /** A warp groups a bag. */
  private static final int BAGS_A_BLOCK = THREADS / 32;

  /** Ranges that a table is divided into, at most: 2 to the power of this. */
  private static final int RANGE_BITS = 5;

  private final CudaFunction function;
  private final int mostBlocks;

  GroupBagsKernel(CudaModule module, int multiprocessors) {
    this.function = module.function("group_bags");
    this.mostBlocks = 8 * multiprocessors;
  }

  /** By how many bits a row id is shifted to tell its range. */
  static int rangeShift(int numEmbeddings) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(numEmbeddings - 1);
    return Math.max(0, bits - RANGE_BITS);
  }

  /**
   * Groups ids in place.
   *
   * @param features address of what {@link EmbeddingBagKernel#describe} wrote of {@code count}
   *     features
   */
  void launch(Recording recording, long features, int count) {
    long blocks = OperandFormat.divideUp(recording.capacity(), BAGS_A_BLOCK);
    function.launch(
        recording.stream(),
        LaunchShape.of((int) Math.min(blocks, mostBlocks), THREADS).gridY(count),
        recording.stream().arguments().int64(features).int64(features));
  }
}
