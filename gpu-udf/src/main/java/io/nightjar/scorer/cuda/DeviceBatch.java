package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A batch on the device, and what the kernels are told of it: one batch after another, as they come
 * through a stream.
 *
 * <p>A feature with one row id in every bag needs no pooling where its table has the type of the
 * vectors: the interaction takes the table's rows themselves. A feature that repeats is pooled once
 * a distinct instance, and the interaction finds a row's vector by its instance.
 */
final class DeviceBatch {
  private final DlrmConfig config;
  private final List<DeviceTable> tables;
  private final DType vectorType;
  private final int capacity;
  private final boolean renames;
  private final List<SameType> byTableType;
  private final DeviceBuffer dense;
  private final DeviceBuffer offsets;
  private final DeviceIds ids;
  private final DeviceBuffer denseVectors;
  private final DeviceBuffer pooled;
  private final List<Long> pooledAt;
  private final BatchDescription description;
  private List<DeviceFeature> features = List.of();
  private BagCount bags = new BagCount(0, 0);

  /**
   * The features whose tables are of one type.
   *
   * @param features in the order in which they are described
   * @param described address of the description of the first one's bags
   * @param bagsABlock fewest bags of any of them that a block takes at a time
   */
  record SameType(DType type, List<Integer> features, long described, int bagsABlock) {
    /** Address of the description of the bags of feature {@code i} of these. */
    long bagFeatures(int i) {
      return described + (long) i * EmbeddingBagKernel.FEATURE_BYTES;
    }
  }

  /** Makes room for batches of up to {@code capacity} rows. */
  DeviceBatch(CudaDlrmModel model, int capacity, Scratch scratch) {
    this.config = model.config();
    this.tables = model.weights().tables();
    this.vectorType = model.format().vectorType();
    this.capacity = capacity;
    this.renames = model.weights().renames();
    BatchMemory memory = BatchMemory.of(config, model.format(), capacity);
    this.dense = scratch.device("dense features", memory.dense());
    this.offsets = scratch.device("offsets", memory.offsets());
    this.ids = new DeviceIds(memory.ids(), scratch);
    this.denseVectors = scratch.device("dense vectors", memory.denseVectors());
    this.pooledAt = memory.pooledAt();
    this.pooled = scratch.device("pooled vectors", memory.pooled());
    this.description = new BatchDescription(config, scratch);
    this.byTableType = byTableType(config.sparseFeatures().size());
  }

  private List<SameType> byTableType(int features) {
    List<SameType> groups = new ArrayList<>();
    long described = description.bagFeatures();
    for (DType type : DType.values()) {
      List<Integer> ofType =
          IntStream.range(0, features).filter(f -> table(f).dtype() == type).boxed().toList();
      if (!ofType.isEmpty()) {
        int bagsABlock =
            ofType.stream()
                .mapToInt(f -> EmbeddingBagKernel.bagsABlock(table(f).stride() * type.bytes()))
                .min()
                .orElseThrow();
        SameType group = new SameType(type, ofType, described, bagsABlock);
        groups.add(group);
        described = group.bagFeatures(ofType.size());
      }
    }
    return groups;
  }

  /** Where the number of rows is. */
  long rows() {
    return description.rows();
  }

  /** Dense features, [features, capacity]. */
  DeviceBuffer dense() {
    return dense;
  }

  /** Address of what {@link PackKernel} must know of each dense feature. */
  long denseFeatures() {
    return description.denseFeatures();
  }

  /** The bottom MLP's output, [capacity, stride]. */
  DeviceBuffer denseVectors() {
    return denseVectors;
  }

  /** Address of the {@link VectorSource}s. */
  long vectorSources() {
    return description.vectorSources();
  }

  /**
   * Unpacks and checks all ids, and renames those of tables whose rows lie in another order.
   *
   * @param fault address of the word that gets what {@link HostBatch#fault} tells
   */
  void checkIds(Kernels kernels, Recording recording, long fault) {
    int features = config.sparseFeatures().size();
    kernels
        .checkIds()
        .launch(recording, description.idFeatures(), features, description.columns(), fault);
    if (renames) {
      kernels.renameIds().launch(recording, description.renamedIds(), features);
    }
  }

  /** The bags of the copied batch that have to be pooled. */
  BagCount bags() {
    return bags;
  }

  /** All features, by the types of their tables. */
  List<SameType> byTableType() {
    return byTableType;
  }

  /** A feature of the copied batch. */
  DeviceFeature feature(int feature) {
    return features.get(feature);
  }

  /** The ids of the copied batch. */
  DeviceIds ids() {
    return ids;
  }

  /** The offsets of all features, in which those of {@link #feature} lie. */
  DeviceBuffer offsets() {
    return offsets;
  }

  /** Copies a batch to the device; what was there before is no longer asked for. */
  void copy(CudaStream stream, HostBatch host) {
    FeatureBatch batch = host.batch();
    bags = host.bags();
    ids.copy(stream, host.columns());
    for (int f = 0; f < batch.denseFeatures(); f++) {
      long at = (long) f * capacity * Float.BYTES;
      long bytes = (long) batch.denseInstances(f).count() * Float.BYTES;
      stream.copyToDevice(dense, at, batch.dense(f), bytes);
    }
    for (int f = 0; f < batch.sparseFeatures(); f++) {
      if (!host.hasOneIdABag(f)) {
        long bytes = (batch.sparse(f).instances().count() + 1L) * Integer.BYTES;
        stream.copyToDevice(offsets, offsetsAt(f), batch.sparse(f).offsets(), bytes);
      }
    }
    features =
        IntStream.range(0, batch.sparseFeatures())
            .mapToObj(f -> feature(batch, f, host.hasOneIdABag(f)))
            .toList();
    describe(host);
    description.copy(stream, host.description());
  }

  private DeviceFeature feature(FeatureBatch batch, int feature, boolean oneId) {
    Instances instances = batch.sparse(feature).instances();
    return new DeviceFeature(
        table(feature),
        ids.unpacked(feature),
        oneId ? 0 : offsets.address() + offsetsAt(feature),
        instances.areRows()
            ? description.rows()
            : description.instances(batch.shared().indexOf(instances)),
        instances.count(),
        instancesOf(batch, instances),
        oneId && table(feature).dtype() == vectorType,
        pooled.address() + pooledAt.get(feature));
  }

  private void describe(HostBatch host) {
    FeatureBatch batch = host.batch();
    List<DeviceIds.Column> columns = host.columns();
    ByteBuffer to = host.description();
    description.writeCounts(to, batch);
    ByteBuffer toCheck = description.writeIdFeatures(to);
    for (int c = 0; c < columns.size(); c++) {
      boolean isFeature = c < features.size();
      CheckIdsKernel.describe(
          toCheck,
          ids.packed(c),
          ids.unpacked(c),
          isFeature ? features.get(c).offsets() : 0,
          isFeature ? features.get(c).count() : description.rows(),
          isFeature ? table(c).numEmbeddings() : batch.shared().get(c - features.size()).count(),
          columns.get(c).ids().idBytes(),
          columns.get(c).count(),
          columns.get(c).ids().hashMod());
    }
    ByteBuffer pooling = description.writeBagFeatures(to);
    for (SameType group : byTableType) {
      group.features().forEach(f -> features.get(f).describeBags(pooling, description.zero()));
    }
    ByteBuffer renaming = description.writeRenamedIds(to);
    features.forEach(feature -> RenameIdsKernel.describe(renaming, feature));
    ByteBuffer packing = description.writeDenseFeatures(to);
    for (int f = 0; f < batch.denseFeatures(); f++) {
      PackKernel.describe(packing, instancesOf(batch, batch.denseInstances(f)), batch.transform(f));
    }
    ByteBuffer sources = description.writeVectorSources(to);
    int column = config.denseElements();
    if (column > 0) {
      int stride = OperandFormat.stride(column);
      VectorSource.describe(sources, denseVectors.address(), 0, 0, stride, column, 0);
    }
    for (DeviceFeature feature : features) {
      feature.describeSource(sources, column);
      column += feature.table().dim();
    }
  }

  /** Address of the instance of each row, or 0. */
  private long instancesOf(FeatureBatch batch, Instances instances) {
    return instances.areRows()
        ? 0
        : ids.unpacked(batch.sparseFeatures() + batch.shared().indexOf(instances));
  }

  private long offsetsAt(int feature) {
    return feature * (capacity + 1L) * Integer.BYTES;
  }

  /** The table of a feature. */
  DeviceTable table(int feature) {
    return tables.get(config.sparseFeatures().get(feature).table());
  }
}
