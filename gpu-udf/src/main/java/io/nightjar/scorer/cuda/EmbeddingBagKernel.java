package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import io.nightjar.model.DType;
import io.nightjar.scorer.EmbeddingBagVariant;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * embedding_bag.cuh and embedding_bag_lines.cuh: pool the bags of features whose tables are of one
 * type.
 */
final class EmbeddingBagKernel {
  /** Size of a feature's description. */
  static final int FEATURE_BYTES = 56;

  private static final int THREADS = 256;

  /** What a thread makes of a pooled vector. */
  private static final int PIECE_BYTES = 16;

  /** Bags that a block takes at a time where it walks them line by line, whatever the rows. */
  private static final int BAGS_BY_LINES = THREADS / 8;

  private final Map<BagWalk, Map<DType, CudaFunction>> functions;
  private final int mostBlocks;

  private EmbeddingBagKernel(
      Map<BagWalk, Map<DType, CudaFunction>> functions, int multiprocessors) {
    this.functions = functions;
    this.mostBlocks = 8 * multiprocessors;
  }

  /** The kernels of every model, for pooled vectors of this format. */
  static EmbeddingBagKernel of(CudaModule module, OperandFormat format, int multiprocessors) {
    Map<BagWalk, Map<DType, CudaFunction>> functions = new EnumMap<>(BagWalk.class);
    for (BagWalk walk : BagWalk.values()) {
      Map<DType, CudaFunction> ofTypes = new EnumMap<>(DType.class);
      for (DType rows : DType.values()) {
        if (rows.isWeight()) {
          String types = rows.name().toLowerCase(Locale.ROOT) + "_" + format.suffix();
          ofTypes.put(rows, module.function(walk.entry() + types));
        }
      }
      functions.put(walk, ofTypes);
    }
    return new EmbeddingBagKernel(functions, multiprocessors);
  }

  /** A variant's of the ablation, which has one walk only. */
  static EmbeddingBagKernel ofAblation(
      CudaModule variants, EmbeddingBagVariant variant, int multiprocessors) {
    Map<BagWalk, Map<DType, CudaFunction>> functions = new EnumMap<>(BagWalk.class);
    for (BagWalk walk : BagWalk.values()) {
      functions.put(walk, AblationEntries.of(variants, variant));
    }
    return new EmbeddingBagKernel(functions, multiprocessors);
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
        .putInt(StagedBagKernel.rangeShift(table.numEmbeddings()));
  }

  /** Bags that a block takes at a time of a table with rows of so many bytes. */
  static int bagsABlock(int rowBytes) {
    return Math.max(1, THREADS / Math.max(1, rowBytes / PIECE_BYTES));
  }

  /**
   * Pools, walking as the recording says.
   *
   * @param tables type of the features' tables
   * @param features address of the descriptions of {@code count} features
   * @param bagsABlock fewest {@link #bagsABlock} of them: blocks without a bag would stand in the
   *     way of the next feature's
   */
  void launch(Recording recording, DType tables, long features, int count, int bagsABlock) {
    BagWalk walk = recording.walk();
    long blocks =
        OperandFormat.divideUp(
            recording.capacity(), walk == BagWalk.LINES ? BAGS_BY_LINES : bagsABlock);
    functions
        .get(walk)
        .get(tables)
        .launch(
            recording.stream(),
            LaunchShape.of((int) Math.min(blocks, mostBlocks), THREADS).gridY(count),
            recording.stream().arguments().int64(features));
  }
}
