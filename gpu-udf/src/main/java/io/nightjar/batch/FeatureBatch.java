package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The inputs of up to {@code capacity} samples, column by column.
 *
 * <p>A scorer hands it out, the caller fills it: dense values, row ids and offsets of rows {@code
 * [0, rows)}, then {@link #rows(int)}. Row ids must lie in their table; whoever fills checks them,
 * on 64 bits, before they are narrowed. What a device does for next to nothing may be left to
 * whoever scores: {@linkplain #transform(int, Transform) transforms}, and {@linkplain
 * PackedIds#hash hashing}.
 *
 * <p>Features that repeat from row to row may be {@linkplain #share shared}: they are then filled
 * for distinct instances {@code [0, count)} in place of rows. Dense features may be, too: a user's
 * values are read, transformed and copied once a user. The scores are the same, bit for bit. Not
 * thread-safe.
 */
public final class FeatureBatch implements AutoCloseable {
  private final int capacity;
  private final HostMemory memory;
  private final List<ByteBuffer> denseBytes = new ArrayList<>();
  private final List<FloatBuffer> dense = new ArrayList<>();
  private final List<JaggedTensor> sparse = new ArrayList<>();
  private final Instances rows = Instances.rows();
  private final Instances[] denseInstances;
  private final Transform[] transforms;
  private final List<Instances> shared = new ArrayList<>();
  private final List<Instances> sharedView = Collections.unmodifiableList(shared);
  private final List<Instances> unused = new ArrayList<>();

  /**
   * Allocates a batch.
   *
   * @param denseFeatures number of dense features
   * @param numEmbeddings rows of each sparse feature's table
   * @param capacity most rows it can hold, at least 1
   * @param memory where its arrays live; freed by {@link #close}
   */
  public FeatureBatch(int denseFeatures, int[] numEmbeddings, int capacity, HostMemory memory) {
    if (capacity < 1) {
      throw new IllegalArgumentException("Invalid capacity: " + capacity + ", expected 1 or more");
    }
    this.capacity = capacity;
    this.memory = memory;
    this.denseInstances = new Instances[denseFeatures];
    Arrays.fill(denseInstances, rows);
    this.transforms = new Transform[denseFeatures];
    Arrays.fill(transforms, Transform.NONE);
    try {
      for (int i = 0; i < denseFeatures; i++) {
        ByteBuffer bytes = memory.allocate(Math.multiplyExact(capacity, Float.BYTES));
        denseBytes.add(bytes);
        dense.add(bytes.asFloatBuffer());
      }
      for (int limit : numEmbeddings) {
        sparse.add(new JaggedTensor(limit, capacity, rows, memory));
      }
    } catch (RuntimeException | Error failure) {
      close(); // pinned memory may run short half-way
      throw failure;
    }
  }

  /** Memory of a batch before any bag grows beyond one row id, or value, a row on average. */
  public static long bytes(int denseFeatures, int sparseFeatures, int capacity) {
    long ofDense = (long) capacity * Float.BYTES;
    long ofSparse = (capacity + 1L) * Integer.BYTES + (long) capacity * Integer.BYTES;
    return denseFeatures * ofDense + sparseFeatures * ofSparse;
  }

  /** Most rows it can hold. */
  public int capacity() {
    return capacity;
  }

  /** Rows it holds now. */
  public int rows() {
    return rows.count();
  }

  /** Says how many rows were filled. */
  public void rows(int count) {
    if (count < 0 || count > capacity) {
      throw new IllegalArgumentException(
          "Invalid row count: " + count + ", expected 0 to " + capacity);
    }
    rows.count(count);
  }

  /**
   * Values of one dense feature, [capacity], one a row or a distinct instance; absolute access, its
   * position is not kept.
   */
  public FloatBuffer dense(int feature) {
    return dense.get(feature);
  }

  /** What has a value each of one dense feature: rows, or distinct instances. */
  public Instances denseInstances(int feature) {
    return denseInstances[feature];
  }

  /** What is done to the values of one dense feature when they are scored. */
  public Transform transform(int feature) {
    return transforms[feature];
  }

  /** From now on, whoever scores does this to the values of one dense feature. */
  public void transform(int feature, Transform transform) {
    transforms[feature] = transform;
  }

  /** Bags of one sparse feature. */
  public JaggedTensor sparse(int feature) {
    return sparse.get(feature);
  }

  /** Number of dense features. */
  public int denseFeatures() {
    return dense.size();
  }

  /** Number of sparse features. */
  public int sparseFeatures() {
    return sparse.size();
  }

  /**
   * Has features repeat together, until {@link #shareNothing}: from now on they are filled for
   * distinct instances.
   *
   * @return theirs, to be filled for every batch: how many there are, and which each row has
   * @throws IllegalArgumentException if one of them is shared already
   */
  public Instances share(List<Integer> denseFeatures, List<Integer> sparseFeatures) {
    for (int feature : denseFeatures) {
      requireOwn("dense", feature, denseInstances[feature]);
    }
    for (int feature : sparseFeatures) {
      requireOwn("sparse", feature, sparse.get(feature).instances());
    }
    Instances instances =
        unused.isEmpty() ? Instances.shared(capacity, memory) : unused.remove(unused.size() - 1);
    shared.add(instances);
    denseFeatures.forEach(feature -> denseInstances[feature] = instances);
    sparseFeatures.forEach(feature -> sparse.get(feature).instances(instances));
    return instances;
  }

  private static void requireOwn(String kind, int feature, Instances instances) {
    if (!instances.areRows()) {
      throw new IllegalArgumentException(
          "Cannot share %s feature %d: it is shared already".formatted(kind, feature));
    }
  }

  /** Has every row be an instance of its own again, for all features. */
  public void shareNothing() {
    Arrays.fill(denseInstances, rows);
    sparse.forEach(feature -> feature.instances(rows));
    unused.addAll(shared);
    shared.clear();
  }

  /** The distinct instances there are, one for each {@link #share}. */
  public List<Instances> shared() {
    return sharedView;
  }

  @Override
  public void close() {
    denseBytes.forEach(memory::free);
    sparse.forEach(JaggedTensor::close);
    shared.forEach(Instances::close);
    unused.forEach(Instances::close);
  }
}
