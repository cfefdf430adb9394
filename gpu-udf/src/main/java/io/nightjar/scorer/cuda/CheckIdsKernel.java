package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import java.nio.ByteBuffer;

/**
 * check_ids.cuh: unpacks or hashes ids, finds those outside their table and offsets that do not
 * rise.
 */
final class CheckIdsKernel {
  /** Size of a feature's description. */
  static final int FEATURE_BYTES = 48;

  private static final int THREADS = 256;

  private final CudaFunction function;
  private final int mostBlocks;

  CheckIdsKernel(CudaModule module, int multiprocessors) {
    this.function = module.function("check_ids");
    this.mostBlocks = 2 * multiprocessors;
  }

  /**
   * Describes a column of ids.
   *
   * @param packed address of the ids, or values, as they crossed
   * @param ids address that gets them as {@code int}s
   * @param offsets address of [count + 1] offsets; 0: one id a bag
   * @param count address of the number of bags
   * @param limit ids lie below it
   * @param idBytes bytes a packed id
   * @param idCount how many ids there are, where there are offsets
   * @param hashMod what values are hashed modulo; 0: there are ids
   */
  static void describe(
      ByteBuffer to,
      long packed,
      long ids,
      long offsets,
      long count,
      int limit,
      int idBytes,
      int idCount,
      int hashMod) {
    to.putLong(packed)
        .putLong(ids)
        .putLong(offsets)
        .putLong(count)
        .putInt(limit)
        .putInt(idBytes)
        .putInt(idCount)
        .putInt(hashMod);
  }

  /**
   * Checks all columns.
   *
   * @param columns address of their descriptions
   * @param most how many there usually are, at least 1
   * @param count address of how many there are
   * @param fault address of a {@code long} of all ones: gets column << 32 | bag of the first offset
   *     that falls or lies outside its ids, or column << 32 | 1 << 31 | position of the first id
   *     outside its table
   */
  void launch(Recording recording, long columns, int most, long count, long fault) {
    int blocks = LaunchShape.covering(recording.capacity(), THREADS).gridX();
    function.launch(
        recording.stream(),
        LaunchShape.of(Math.min(blocks, mostBlocks), THREADS).gridY(most),
        recording.stream().arguments().int64(columns).int64(count).int64(fault));
  }
}
