package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import java.nio.ByteBuffer;

/** rename_ids.cuh: row ids become places in tables whose hot rows come first. */
final class RenameIdsKernel {
  /** Size of a feature's description. */
  static final int FEATURE_BYTES = 32;

  private static final int THREADS = 256;

  private final CudaFunction function;
  private final int mostBlocks;

  RenameIdsKernel(CudaModule module, int multiprocessors) {
    this.function = module.function("rename_ids");
    this.mostBlocks = 2 * multiprocessors;
  }

  /** Describes a feature's checked ids. */
  static void describe(ByteBuffer to, DeviceFeature feature) {
    to.putLong(feature.ids())
        .putLong(feature.offsets())
        .putLong(feature.count())
        .putLong(feature.table().hot().places().map(places -> places.address()).orElse(0L));
  }

  /**
   * Renames the ids of all features, once.
   *
   * @param features address of their descriptions
   */
  void launch(Recording recording, long features, int count) {
    int blocks = LaunchShape.covering(recording.capacity(), THREADS).gridX();
    function.launch(
        recording.stream(),
        LaunchShape.of(Math.min(blocks, mostBlocks), THREADS).gridY(count),
        recording.stream().arguments().int64(features));
  }
}
