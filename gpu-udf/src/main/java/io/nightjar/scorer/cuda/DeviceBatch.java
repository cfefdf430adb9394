package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.BatchCheck;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A batch on the device, and what the kernels are told of it.
 *
 * <p>A feature with one row id in every bag needs no pooling where its table has the type of the
 * vectors: the interaction takes the table's rows themselves. A feature that repeats is pooled once
 * a distinct instance, and the interaction finds a row's vector by its instance.
 */
final class DeviceBatch {
  private static final int VECTORS_ALIGNMENT = 256;

  private final DlrmConfig config;
  private final List<DeviceTable> tables;
  private final DType vectorType;
  private final int capacity;
  private final boolean renames;
  private final List<SameType> byTableType;
  private final IntBuffer oneIdABag;
  private final DeviceBuffer dense;
  private final DeviceBuffer offsets;
  private final DeviceIds ids;
  private final DeviceBuffer denseVectors;
  private final DeviceBuffer pooled;
  private final long[] pooledAt;
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

  DeviceBatch(
      DlrmConfig config,
      List<DeviceTable> tables,
      OperandFormat format,
      FeatureBatch batch,
      Scratch scratch) {
    this.config = config;
    this.tables = tables;
    this.vectorType = format.vectorType();
    this.capacity = batch.capacity();
    int features = config.sparseFeatures().size();
    this.renames = tables.stream().anyMatch(table -> table.hot().places().isPresent());
    this.oneIdABag = IntBuffer.wrap(IntStream.rangeClosed(0, capacity).toArray());
    this.dense =
        scratch.device("dense features", (long) config.denseFeatures().size() * capacity * 4);
    this.offsets = scratch.device("offsets", features * (capacity + 1L) * Integer.BYTES);
    this.ids =
        new DeviceIds(
            IntStream.range(0, features)
                .mapToObj(f -> new DeviceIds.Column(batch.sparse(f).ids(), capacity))
                .toList(),
            renames,
            scratch);
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
    this.description = new BatchDescription(config, scratch);
    this.byTableType = byTableType(features);
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

  /** Address of an address a dense feature: of the instance of each row, or 0. */
  long denseInstances() {
    return description.denseInstances();
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
   * @param fault address of the word that gets what {@link #fault} tells
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

  /**
   * Copies a batch to the device.
   *
   * @throws IllegalArgumentException if a bag ends outside its ids, or there are no instances
   */
  void copy(CudaStream stream, FeatureBatch batch) {
    BatchCheck.sizes(config, batch);
    int sparse = batch.sparseFeatures();
    List<DeviceIds.Column> columns = new ArrayList<>();
    boolean[] oneId = new boolean[sparse];
    for (int f = 0; f < sparse; f++) {
      JaggedTensor tensor = batch.sparse(f);
      int count = tensor.instances().count();
      oneId[f] =
          tensor.hasOneIdABag()
              || oneIdABag.slice(0, count + 1).equals(tensor.offsets().slice(0, count + 1));
      columns.add(new DeviceIds.Column(tensor.ids(), tensor.begin(count)));
    }
    for (Instances instances : batch.shared()) {
      columns.add(new DeviceIds.Column(instances.ofRows(), batch.rows()));
    }
    bags = bags(batch, columns, oneId);
    ids.copy(stream, columns);
    for (int f = 0; f < batch.denseFeatures(); f++) {
      long at = (long) f * capacity * Float.BYTES;
      long bytes = (long) batch.denseInstances(f).count() * Float.BYTES;
      stream.copyToDevice(dense, at, batch.dense(f), bytes);
    }
    for (int f = 0; f < sparse; f++) {
      if (!oneId[f]) {
        long bytes = (batch.sparse(f).instances().count() + 1L) * Integer.BYTES;
        stream.copyToDevice(offsets, offsetsAt(f), batch.sparse(f).offsets(), bytes);
      }
    }
    features = IntStream.range(0, sparse).mapToObj(f -> feature(batch, f, oneId[f])).toList();
    describe(batch, columns);
    description.copy(stream);
  }

  private static BagCount bags(
      FeatureBatch batch, List<DeviceIds.Column> columns, boolean[] oneId) {
    long bags = 0;
    long inThem = 0;
    for (int f = 0; f < oneId.length; f++) {
      if (!oneId[f]) {
        bags += batch.sparse(f).instances().count();
        inThem += columns.get(f).count();
      }
    }
    return new BagCount(bags, inThem);
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
        pooled.address() + pooledAt[feature]);
  }

  private void describe(FeatureBatch batch, List<DeviceIds.Column> columns) {
    description.counts(batch);
    ByteBuffer toCheck = description.writeIdFeatures();
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
          columns.get(c).count());
    }
    ByteBuffer pooling = description.writeBagFeatures();
    for (SameType group : byTableType) {
      group.features().forEach(f -> features.get(f).describeBags(pooling, description.zero()));
    }
    ByteBuffer renaming = description.writeRenamedIds();
    features.forEach(feature -> RenameIdsKernel.describe(renaming, feature));
    ByteBuffer instances = description.writeDenseInstances();
    for (int f = 0; f < batch.denseFeatures(); f++) {
      instances.putLong(instancesOf(batch, batch.denseInstances(f)));
    }
    ByteBuffer sources = description.writeVectorSources();
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

  /** What to throw for a fault that {@link CheckIdsKernel} has told. */
  IllegalArgumentException fault(FeatureBatch batch, long fault) {
    int column = (int) (fault >>> Integer.SIZE);
    int position = (int) fault & Integer.MAX_VALUE;
    boolean isId = (int) fault < 0;
    if (column >= batch.sparseFeatures()) {
      return BatchCheck.invalidInstance(config, batch, column - batch.sparseFeatures(), position);
    }
    return isId
        ? BatchCheck.invalidRowId(config, batch, column, position)
        : BatchCheck.invalidOffset(config, batch, column, position);
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
