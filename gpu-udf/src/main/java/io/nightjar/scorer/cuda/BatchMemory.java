package io.nightjar.scorer.cuda;

import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Device memory of a batch of up to {@code capacity} rows with one row id a bag, in bytes.
 *
 * @param dense dense features, [features, capacity]
 * @param offsets [features, capacity + 1]
 * @param ids row ids; longer bags take more
 * @param denseVectors the bottom MLP's output, [capacity, stride]
 * @param pooledAt where the pooled vectors of each sparse feature begin, [capacity, stride], and
 *     where those of the last one end
 * @param description what the kernels are told
 */
record BatchMemory(
    int capacity,
    long dense,
    long offsets,
    DeviceIds.Layout ids,
    long denseVectors,
    List<Long> pooledAt,
    int description) {
  private static final int VECTORS_ALIGNMENT = 256;

  /** What batches of a model take. */
  static BatchMemory of(DlrmConfig config, OperandFormat format, int capacity) {
    DType vectorType = format.vectorType();
    int features = config.sparseFeatures().size();
    List<Long> pooledAt = new ArrayList<>(List.of(0L));
    for (int f = 0; f < features; f++) {
      int stride = OperandFormat.stride(config.tableOf(f).embeddingDim());
      long bytes = (long) capacity * stride * vectorType.bytes();
      pooledAt.add(
          pooledAt.get(f) + OperandFormat.divideUp(bytes, VECTORS_ALIGNMENT) * VECTORS_ALIGNMENT);
    }
    // Values that are hashed here have four bytes, however few rows their table has.
    DeviceIds.Size oneId = new DeviceIds.Size(Integer.BYTES, capacity);
    return new BatchMemory(
        capacity,
        (long) config.denseFeatures().size() * capacity * Float.BYTES,
        features * (capacity + 1L) * Integer.BYTES,
        new DeviceIds.Layout(Collections.nCopies(features, oneId)),
        (long) capacity * OperandFormat.stride(config.denseElements()) * vectorType.bytes(),
        List.copyOf(pooledAt),
        BatchDescription.bytes(config));
  }

  /** Bytes of all pooled vectors. */
  long pooled() {
    return pooledAt.get(pooledAt.size() - 1);
  }

  /** Bytes of what a batch is copied from the host into, and unpacked. */
  long inputs() {
    return Scratch.allocated(dense)
        + Scratch.allocated(offsets)
        + Scratch.allocated(ids.packedBytes())
        + Scratch.allocated(ids.unpackedBytes())
        + Scratch.allocated(description);
  }

  /** Bytes of the vectors that meet in the interaction. */
  long vectors() {
    return Scratch.allocated(denseVectors) + Scratch.allocated(pooled());
  }
}
