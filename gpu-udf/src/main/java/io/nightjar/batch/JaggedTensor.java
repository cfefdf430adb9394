package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/**
 * One sparse feature of a batch: a bag of row ids for each row of the batch.
 *
 * <p>The bag of row {@code b} is {@code values[offsets[b] .. offsets[b + 1])}; equal offsets are an
 * empty bag. {@code offsets} has capacity + 1 entries and starts with 0; {@code values} grows on
 * demand. Not thread-safe.
 */
public final class JaggedTensor implements AutoCloseable {
  private final HostMemory memory;
  private final ByteBuffer offsetBytes;
  private final IntBuffer offsets;
  private ByteBuffer valueBytes;
  private IntBuffer values;

  JaggedTensor(int capacity, HostMemory memory) {
    this.memory = memory;
    this.offsetBytes = memory.allocate(Math.multiplyExact(capacity + 1, Integer.BYTES));
    this.offsets = offsetBytes.asIntBuffer();
    try {
      this.valueBytes = memory.allocate(Math.multiplyExact(capacity, Integer.BYTES));
    } catch (RuntimeException | Error failure) {
      memory.free(offsetBytes);
      throw failure;
    }
    this.values = valueBytes.asIntBuffer();
  }

  /** [capacity + 1]; use absolute or duplicated access, the buffer's position is not kept. */
  public IntBuffer offsets() {
    return offsets;
  }

  /** Row ids, at least {@code offsets[rows]} of them; replaced by {@link #ensureValues}. */
  public IntBuffer values() {
    return values;
  }

  /**
   * Makes room for {@code count} row ids in all, keeping those that are there.
   *
   * @throws IllegalArgumentException if {@code count} ids do not fit one buffer (2 GiB)
   */
  public void ensureValues(long count) {
    if (count <= values.capacity()) {
      return;
    }
    long limit = Integer.MAX_VALUE / Integer.BYTES;
    if (count > limit) {
      throw new IllegalArgumentException(
          "Cannot hold "
              + count
              + " row ids of one feature in one batch: at most "
              + limit
              + " fit; lower the batch size");
    }
    long grown = Math.min(limit, Math.max(count, values.capacity() * 3L / 2));
    ByteBuffer bytes = memory.allocate((int) (grown * Integer.BYTES));
    bytes.put(0, valueBytes, 0, valueBytes.capacity());
    memory.free(valueBytes);
    valueBytes = bytes;
    values = bytes.asIntBuffer();
  }

  @Override
  public void close() {
    memory.free(offsetBytes);
    memory.free(valueBytes);
  }
}
