package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import io.nightjar.model.DType;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** embedding_bag.cuh and group_bags.cuh: pool the bags of features whose tables are of one type. */
final class EmbeddingBagKernel {
  /** Size of a feature's description. */
  static final int FEATURE_BYTES = 56;

  private static final int THREADS = 256;

  /** A warp groups a bag. */
  private static final int GROUPED_A_BLOCK = THREADS / 32;

  /** Ranges that a table is divided into, at most: 2 to the power of this. */
  private static final int RANGE_BITS = 5;

  private final Map<DType, CudaFunction> shortBags = new EnumMap<>(DType.class);
  private final Map<DType, CudaFunction> longBags = new EnumMap<>(DType.class);
  private final CudaFunction group;
  private final EmbeddingBagVariant variant;
  private final int mostBlocks;

  EmbeddingBagKernel(
      CudaModule module, OperandFormat format, int multiprocessors, EmbeddingBagVariant variant) {
    for (DType rows : DType.values()) {
      if (rows.isWeight()) {
        String types = rows.name().toLowerCase(Locale.ROOT) + "_" + format.suffix();
        shortBags.put(rows, module.function("embedding_bag_" + types));
        longBags.put(rows, module.function("embedding_bag_long_" + types));
      }
    }
    this.group = module.function("group_bags");
    this.variant = variant;
    this.mostBlocks = 8 * multiprocessors;
  }

  /**
   * Describes a feature.
   *
   * @param ids address of its row ids
   * @param offsets address of [count + 1] offsets; 0: one id a bag
   * @param count address of the number of bags
   * @param pooled address of [count, stride of the table] vectors
   */
  static void describe(
      ByteBuffer to, DeviceTable table, long ids, long offsets, long count, long pooled) {
    to.putLong(table.rows().address())
        .putLong(ids)
        .putLong(offsets)
        .putLong(count)
        .putLong(pooled)
        .putInt(table.stride())
        .putInt(table.stride())
        .putInt(table.mean() ? 1 : 0)
        .putInt(rangeShift(table.numEmbeddings()));
  }

  /** By how many bits a row id is shifted to tell its range. */
  static int rangeShift(int numEmbeddings) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(numEmbeddings - 1);
    return Math.max(0, bits - RANGE_BITS);
  }

  /**
   * Pools. Where the variant groups ids it does so in place.
   *
   * @param tables type of the features' tables
   * @param features address of the descriptions of {@code count} features
   */
  void launch(Recording recording, DType tables, long features, int count) {
    if (variant.groupsIds()) {
      long blocks = OperandFormat.divideUp(recording.capacity(), GROUPED_A_BLOCK);
      group.launch(
          recording.stream(),
          LaunchShape.of((int) Math.min(blocks, mostBlocks), THREADS).gridY(count),
          recording.stream().arguments().int64(features).int64(features));
    }
    (recording.longBags() ? longBags : shortBags)
        .get(tables)
        .launch(
            recording.stream(),
            LaunchShape.of(Math.min(recording.capacity(), mostBlocks), THREADS).gridY(count),
            recording.stream().arguments().int64(features));
  }
}
