package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/**
 * One sparse feature of a batch: a bag of row ids for each row of the batch, or for each distinct
 * instance where the feature repeats.
 *
 * <p>Bag {@code b} is {@code ids[offsets[b] .. offsets[b + 1])}; equal offsets are an empty bag.
 * {@code offsets} has capacity + 1 entries and starts with 0; {@code ids} grow on demand.
 *
 * <p>Where every bag has one id, that {@linkplain #haveOneIdABag can be said}, and offsets are
 * neither written nor read. Not thread-safe.
 */
public final class JaggedTensor implements AutoCloseable {
  private final HostMemory memory;
  private final ByteBuffer offsetBytes;
  private final IntBuffer offsets;
  private final PackedIds ids;
  private Instances instances;
  private boolean oneIdABag;

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

  /** From now on every bag, from the first, has one id, and offsets do not count. */
  public void haveOneIdABag() {
    oneIdABag = true;
  }

  /**
   * From now on offsets say where bags begin and end.
   *
   * @param filled bags that are there already; where they have one id each, their offsets are
   *     written
   */
  public void haveOffsets(int filled) {
    if (oneIdABag) {
      for (int bag = 0; bag <= filled; bag++) {
        offsets.put(bag, bag);
      }
    }
    oneIdABag = false;
  }

  /** Whether every bag has one id, so that offsets do not count. */
  public boolean hasOneIdABag() {
    return oneIdABag;
  }

  /** Where bag {@code bag} begins among the ids; of the bag after the last one, their number. */
  public int begin(int bag) {
    return oneIdABag ? bag : offsets.get(bag);
  }

  /** Row ids, at least {@code begin(bags)} of them. */
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
