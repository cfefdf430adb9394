package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import io.nightjar.model.DType;
import io.nightjar.scorer.EmbeddingBagVariant;
import java.util.Map;

/** embedding_bag_one_table.cuh: pools the bags of one table as PyTorch 2.1 does, or nearly so. */
final class OneTableKernel {
  /** PyTorch's launch: rows of 32 elements, 8 a block. */
  private static final LaunchShape SHAPE = LaunchShape.of(1_024, 32).threadsY(8);

  private final Map<DType, CudaFunction> functions;

  OneTableKernel(CudaModule variants, EmbeddingBagVariant variant) {
    this.functions = AblationEntries.of(variants, variant);
  }

  /**
   * Pools the bags of a feature.
   *
   * @param ids address of its row ids, eight bytes each
   * @param offsets address of its offsets, eight bytes each
   */
  void launch(Recording recording, DeviceFeature feature, long ids, long offsets) {
    DeviceTable table = feature.table();
    // The kernel's only parameter is a struct of these, which so lie as it has them. Elements up to
    // the stride are pooled: those past the row's are zeros, and pooled vectors are as wide.
    functions
        .get(table.dtype())
        .launch(
            recording.stream(),
            SHAPE,
            recording.stream()
                .arguments()
                .pointer(table.rows())
                .int64(ids)
                .int64(offsets)
                .int64(feature.pooled())
                .int64(0)
                .int64(0)
                .int64(0)
                .int64(table.numEmbeddings())
                .int64(table.stride())
                .int64(table.stride())
                .int64(1)
                .int64(feature.bags())
                .int64(-1)
                .int64(table.mean() ? 1 : 0));
  }
}
