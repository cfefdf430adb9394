package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import java.nio.ByteBuffer;

/** check_ids.cuh: finds row ids outside their table, and makes them 0. */
final class CheckIdsKernel {
  /** Size of a feature's description. */
  static final int FEATURE_BYTES = 40;

  private static final int THREADS = 256;

  private final CudaFunction function;
  private final int mostBlocks;

  CheckIdsKernel(CudaModule module, int multiprocessors) {
    this.function = module.function("check_ids");
    this.mostBlocks = 2 * multiprocessors;
  }

  /**
   * Describes a feature whose ids crossed as {@code int}s and are checked in place.
   *
   * @param offsets address of [count + 1] offsets; 0: one id a bag
   * @param count address of the number of bags
   */
  static void describe(ByteBuffer to, long ids, long offsets, long count, int numEmbeddings) {
    to.putLong(ids)
        .putLong(ids)
        .putLong(offsets)
        .putLong(count)
        .putInt(numEmbeddings)
        .putInt(Integer.BYTES);
  }

  /**
   * Checks all features.
   *
   * @param features address of their descriptions
   * @param badId address of a {@code long} of all ones: gets feature << 32 | position of the first
   *     id outside its table
   */
  void launch(Recording recording, long features, int count, long badId) {
    int blocks = LaunchShape.covering(recording.capacity(), THREADS).gridX();
    function.launch(
        recording.stream(),
        LaunchShape.of(Math.min(blocks, mostBlocks), THREADS).gridY(count),
        recording.stream().arguments().int64(features).int64(badId));
  }
}
