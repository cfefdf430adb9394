package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import io.nightjar.model.DType;
import io.nightjar.scorer.EmbeddingBagVariant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** embedding_bag_staged.cuh: pools the bags of features whose tables are of one type. */
final class StagedBagKernel {
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;

  /** Ranges that a table is divided into, at most: 2 to the power of this. */
  private static final int RANGE_BITS = 3;

  private final Map<DType, CudaFunction> functions;
  private final int mostBlocks;

  /**
   * @param blocksAnSm that a multiprocessor holds at once
   */
  private StagedBagKernel(Map<DType, CudaFunction> functions, int blocksAnSm, int multiprocessors) {
    this.functions = functions;
    this.mostBlocks = blocksAnSm * multiprocessors;
  }

  /** Those that go by ranges, for pooled vectors of this format. */
  static StagedBagKernel byRange(CudaModule module, OperandFormat format, int multiprocessors) {
    Map<DType, CudaFunction> functions = new EnumMap<>(DType.class);
    for (DType rows : DType.values()) {
      if (rows.isWeight()) {
        String types = rows.name().toLowerCase(Locale.ROOT) + "_" + format.suffix();
        functions.put(rows, module.function("embedding_bag_range_" + types));
      }
    }
    return new StagedBagKernel(functions, 2, multiprocessors);
  }

  /** Those that go by the bag's order. */
  static StagedBagKernel ofAblation(CudaModule variants, int multiprocessors) {
    EmbeddingBagVariant staged = EmbeddingBagVariant.TBE_STAGED;
    return new StagedBagKernel(AblationEntries.of(variants, staged), 4, multiprocessors);
  }

  /** By how many bits a row id is shifted to tell its range. */
  static int rangeShift(int numEmbeddings) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(numEmbeddings - 1);
    return Math.max(0, bits - RANGE_BITS);
  }

  /**
   * Pools, by as many blocks as the device holds at once, or as whole tables need.
   *
   * @param tables type of the features' tables
   * @param features address of what {@link EmbeddingBagKernel#describe} wrote of {@code count}
   *     features
   */
  void launch(Recording recording, DType tables, long features, int count) {
    int bagsABlock = WARPS * (tables == DType.F32 ? 1 : 2);
    int ofTable =
        (int) Math.min(OperandFormat.divideUp(recording.capacity(), bagsABlock), mostBlocks);
    functions
        .get(tables)
        .launch(
            recording.stream(),
            LaunchShape.of(ofTable * Math.min(mostBlocks / ofTable, count), THREADS),
            recording.stream().arguments().int64(features).int32(count));
  }
}
