package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs of up to {@code capacity} samples, column by column.
 *
 * <p>A scorer hands it out, the caller fills it: dense values, row ids and offsets of rows {@code
 * [0, rows)}, then {@link #rows(int)}. Row ids must lie in their table; whoever fills checks them,
 * on 64 bits, before they are narrowed. Not thread-safe.
 */
public final class FeatureBatch implements AutoCloseable {
  private final int capacity;
  private final HostMemory memory;
  private final List<ByteBuffer> denseBytes = new ArrayList<>();
  private final List<FloatBuffer> dense = new ArrayList<>();
  private final List<JaggedTensor> sparse = new ArrayList<>();
  private int rows;

  /**
   * Allocates a batch.
   *
   * @param denseFeatures number of dense features
   * @param sparseFeatures number of sparse features
   * @param capacity most rows it can hold, at least 1
   * @param memory where its arrays live; freed by {@link #close}
   */
  public FeatureBatch(int denseFeatures, int sparseFeatures, int capacity, HostMemory memory) {
    if (capacity < 1) {
      throw new IllegalArgumentException("Invalid capacity: " + capacity + ", expected 1 or more");
    }
    this.capacity = capacity;
    this.memory = memory;
    try {
      for (int i = 0; i < denseFeatures; i++) {
        ByteBuffer bytes = memory.allocate(Math.multiplyExact(capacity, Float.BYTES));
        denseBytes.add(bytes);
        dense.add(bytes.asFloatBuffer());
      }
      for (int i = 0; i < sparseFeatures; i++) {
        sparse.add(new JaggedTensor(capacity, memory));
      }
    } catch (RuntimeException | Error failure) {
      close(); // pinned memory may run short half-way
      throw failure;
    }
  }

  /** Memory of a batch before any bag grows beyond one row id a row on average. */
  public static long bytes(int denseFeatures, int sparseFeatures, int capacity) {
    long dense = (long) denseFeatures * capacity * Float.BYTES;
    long sparse = (long) sparseFeatures * (2L * capacity + 1) * Integer.BYTES;
    return dense + sparse;
  }

  /** Most rows it can hold. */
  public int capacity() {
    return capacity;
  }

  /** Rows it holds now. */
  public int rows() {
    return rows;
  }

  /** Says how many rows were filled. */
  public void rows(int rows) {
    if (rows < 0 || rows > capacity) {
      throw new IllegalArgumentException(
          "Invalid row count: " + rows + ", expected 0 to " + capacity);
    }
    this.rows = rows;
  }

  /** Values of one dense feature, [capacity]; absolute access, its position is not kept. */
  public FloatBuffer dense(int feature) {
    return dense.get(feature);
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

  @Override
  public void close() {
    denseBytes.forEach(memory::free);
    sparse.forEach(JaggedTensor::close);
  }
}
