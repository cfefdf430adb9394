package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/**
 * One sparse feature of a batch: a bag of row ids for each row of the batch, or for each distinct
 * instance where the feature repeats.
 *
 * <p>Bag {@code b} is {@code ids[offsets[b] .. offsets[b + 1])}; equal offsets are an empty bag.
 * {@code offsets} has capacity + 1 entries and starts with 0; {@code ids} grow on demand. Not
 * thread-safe.
 */
public final class JaggedTensor implements AutoCloseable {
  private final HostMemory memory;
  private final ByteBuffer offsetBytes;
  private final IntBuffer offsets;
  private final PackedIds ids;
  private Instances instances;

  JaggedTensor(int numEmbeddings, int capacity, Instances instances, HostMemory memory) {
    this.memory = memory;
    this.instances = instances;
    this.offsetBytes = memory.allocate(Math.multiplyExact(capacity + 1, Integer.BYTES));
    this.offsets = offsetBytes.asIntBuffer();
    try {
      this.ids = new PackedIds(numEmbeddings, capacity, memory);
    } catch (RuntimeException | Error failure) {
      memory.free(offsetBytes);
      throw failure;
    }
  }

  /** [capacity + 1]; use absolute or duplicated access, the buffer's position is not kept. */
  public IntBuffer offsets() {
    return offsets;
  }

  /** Row ids, at least {@code offsets[bags]} of them. */
  public PackedIds ids() {
    return ids;
  }

  /** What has a bag each: rows, or distinct instances. */
  public Instances instances() {
    return instances;
  }

  void instances(Instances shared) {
    instances = shared;
  }

  @Override
  public void close() {
    memory.free(offsetBytes);
    ids.close();
  }
}
