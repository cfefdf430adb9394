package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.BatchCheck;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A batch on the device, and what the kernels must know of it: one block of memory that holds the
 * number of rows and describes each feature. Kernels read all that changes from batch to batch
 * there, so that one recording serves every batch.
 *
 * <p>A feature with one row id in every bag needs no pooling where its table has the type of the
 * vectors: the interaction takes the table's rows themselves.
 */
final class DeviceBatch {
  /** The number of rows, and a zero beside it. */
  private static final int HEAD_BYTES = 16;

  private static final int IDS_ALIGNMENT = 4;
  private static final int VECTORS_ALIGNMENT = 256;

  private final DlrmConfig config;
  private final List<DeviceTable> tables;
  private final DType vectorType;
  private final int capacity;
  private final Scratch scratch;
  private final List<Integer> byTableType;
  private final IntBuffer oneIdABag;
  private final DeviceBuffer dense;
  private final DeviceBuffer offsets;
  private final DeviceBuffer denseVectors;
  private final DeviceBuffer pooled;
  private final long[] pooledAt;
  private final ByteBuffer description;
  private final DeviceBuffer deviceDescription;
  private DeviceBuffer ids;

  DeviceBatch(
      DlrmConfig config,
      List<DeviceTable> tables,
      OperandFormat format,
      int capacity,
      Scratch scratch) {
    this.config = config;
    this.tables = tables;
    this.vectorType = format.vectorType();
    this.capacity = capacity;
    this.scratch = scratch;
    int features = config.sparseFeatures().size();
    this.byTableType =
        IntStream.range(0, features)
            .boxed()
            .sorted(Comparator.comparing(f -> table(f).dtype()))
            .toList();
    this.oneIdABag = IntBuffer.wrap(IntStream.rangeClosed(0, capacity).toArray());
    this.dense =
        scratch.device("dense features", (long) config.denseFeatures().size() * capacity * 4);
    this.offsets = scratch.device("offsets", features * (capacity + 1L) * Integer.BYTES);
    this.ids = scratch.device("row ids", features * alignedIds(capacity) * Integer.BYTES);
    this.denseVectors =
        scratch.device(
            "dense vectors",
            (long) capacity * OperandFormat.stride(config.denseElements()) * vectorType.bytes());
    this.pooledAt = new long[features + 1];
    for (int f = 0; f < features; f++) {
      long bytes = (long) capacity * table(f).stride() * vectorType.bytes();
      pooledAt[f + 1] =
          pooledAt[f] + OperandFormat.divideUp(bytes, VECTORS_ALIGNMENT) * VECTORS_ALIGNMENT;
    }
    this.pooled = scratch.device("pooled vectors", pooledAt[features]);
    int descriptionBytes =
        HEAD_BYTES
            + features * (CheckIdsKernel.FEATURE_BYTES + EmbeddingBagKernel.FEATURE_BYTES)
            + config.vectors() * VectorSource.BYTES;
    this.description = scratch.pinned(descriptionBytes);
    this.deviceDescription = scratch.device("description of a batch", descriptionBytes);
  }

  /** Where the number of rows is. */
  long rows() {
    return deviceDescription.address();
  }

  private long zero() {
    return deviceDescription.address() + Integer.BYTES;
  }

  /** Dense features, [features, capacity]. */
  DeviceBuffer dense() {
    return dense;
  }

  /** The bottom MLP's output, [capacity, stride]. */
  DeviceBuffer denseVectors() {
    return denseVectors;
  }

  /** Descriptions for {@link CheckIdsKernel}, one a sparse feature. */
  long idFeatures() {
    return deviceDescription.address() + HEAD_BYTES;
  }

  private long bagFeatures() {
    return idFeatures() + (long) byTableType.size() * CheckIdsKernel.FEATURE_BYTES;
  }

  /** Descriptions of {@link VectorSource}s, one a vector. */
  long vectorSources() {
    return bagFeatures() + (long) byTableType.size() * EmbeddingBagKernel.FEATURE_BYTES;
  }

  /** Pools every feature, one launch a type of tables. */
  void pool(EmbeddingBagKernel kernel, Recording recording) {
    for (int first = 0; first < byTableType.size(); ) {
      DType type = table(byTableType.get(first)).dtype();
      int last = first;
      while (last < byTableType.size() && table(byTableType.get(last)).dtype() == type) {
        last++;
      }
      long features = bagFeatures() + (long) first * EmbeddingBagKernel.FEATURE_BYTES;
      kernel.launch(recording, type, features, last - first);
      first = last;
    }
  }

  /**
   * Copies a batch to the device.
   *
   * @throws IllegalArgumentException if bags do not follow one another
   */
  void copy(CudaStream stream, FeatureBatch batch) {
    int features = config.sparseFeatures().size();
    int rows = batch.rows();
    boolean[] oneId = new boolean[features];
    long[] idsAt = new long[features + 1];
    for (int f = 0; f < features; f++) {
      BatchCheck.offsets(config, batch, f);
      IntBuffer bags = batch.sparse(f).offsets();
      oneId[f] = oneIdABag.slice(0, rows + 1).equals(bags.slice(0, rows + 1));
      idsAt[f + 1] = alignedIds(idsAt[f] + bags.get(rows));
    }
    ensureIds(idsAt[features]);
    for (int f = 0; f < batch.denseFeatures(); f++) {
      long at = (long) f * capacity * Float.BYTES;
      stream.copyToDevice(dense, at, batch.dense(f), (long) rows * Float.BYTES);
    }
    for (int f = 0; f < features; f++) {
      JaggedTensor bags = batch.sparse(f);
      long count = bags.offsets().get(rows);
      stream.copyToDevice(ids, idsAt[f] * Integer.BYTES, bags.values(), count * Integer.BYTES);
      if (!oneId[f]) {
        stream.copyToDevice(offsets, offsetsAt(f), bags.offsets(), (rows + 1L) * Integer.BYTES);
      }
    }
    describe(rows, idsAt, oneId);
    stream.copyToDevice(deviceDescription, 0, description, description.capacity());
  }

  private void describe(int rows, long[] idsAt, boolean[] oneId) {
    description.clear().putInt(rows).putInt(0).position(HEAD_BYTES);
    for (int f = 0; f < oneId.length; f++) {
      CheckIdsKernel.describe(
          description, idsOf(f, idsAt), offsetsOf(f, oneId), rows(), table(f).numEmbeddings());
    }
    for (int f : byTableType) {
      EmbeddingBagKernel.describe(
          description,
          table(f),
          idsOf(f, idsAt),
          offsetsOf(f, oneId),
          isGathered(f, oneId) ? zero() : rows(),
          pooled.address() + pooledAt[f]);
    }
    int column = config.denseElements();
    if (column > 0) {
      VectorSource.describe(
          description, denseVectors.address(), 0, OperandFormat.stride(column), column, 0);
    }
    for (int f = 0; f < oneId.length; f++) {
      DeviceTable table = table(f);
      if (isGathered(f, oneId)) {
        VectorSource.describe(
            description,
            table.rows().address(),
            idsOf(f, idsAt),
            table.stride(),
            table.dim(),
            column);
      } else {
        VectorSource.describe(
            description, pooled.address() + pooledAt[f], 0, table.stride(), table.dim(), column);
      }
      column += table.dim();
    }
  }

  private boolean isGathered(int feature, boolean[] oneId) {
    return oneId[feature] && table(feature).dtype() == vectorType;
  }

  private long idsOf(int feature, long[] idsAt) {
    return ids.address() + idsAt[feature] * Integer.BYTES;
  }

  private long offsetsOf(int feature, boolean[] oneId) {
    return oneId[feature] ? 0 : offsets.address() + offsetsAt(feature);
  }

  private long offsetsAt(int feature) {
    return feature * (capacity + 1L) * Integer.BYTES;
  }

  private static long alignedIds(long count) {
    return OperandFormat.divideUp(count, IDS_ALIGNMENT) * IDS_ALIGNMENT;
  }

  /** Makes room for {@code count} row ids of all features together; the device is idle. */
  private void ensureIds(long count) {
    long bytes = count * Integer.BYTES;
    if (bytes > ids.bytes()) {
      DeviceBuffer small = ids;
      ids = scratch.device("row ids", Math.max(bytes, small.bytes() / 2 * 3));
      small.close();
    }
  }

  private DeviceTable table(int feature) {
    return tables.get(config.sparseFeatures().get(feature).table());
  }
}
