package io.nightjar.cuda;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import jcuda.Pointer;

/**
 * The arguments of a launch, in the order of the kernel's parameters, in memory that the driver
 * reads as it is: first an address for each argument, then the arguments, 8 bytes each.
 *
 * <p>Handing the driver one such block costs a twentieth of building a tree of pointers a launch.
 * The driver copies the arguments during the launch, so the block serves the next one at once.
 * Belongs to a stream and serves one thread at a time, as that does.
 */
public final class KernelArguments {
  private static final int MOST = 64;
  static final int BYTES = 2 * MOST * Long.BYTES;

  private final ByteBuffer memory;
  private final Pointer pointer;
  private int count;

  /**
   * Lays itself out in {@link #BYTES} of direct memory, which must outlive it.
   *
   * @param address where the memory begins
   */
  KernelArguments(ByteBuffer memory, long address) {
    this.memory = memory;
    this.pointer = Pointer.to(memory);
    LongBuffer addresses = memory.asLongBuffer();
    for (int i = 0; i < MOST; i++) {
      addresses.put(i, address + slot(i));
    }
  }

  /** Begins anew. */
  KernelArguments clear() {
    count = 0;
    return this;
  }

  /** A pointer to the start of a buffer. */
  public KernelArguments pointer(DeviceBuffer buffer) {
    return int64(buffer.address());
  }

  /** An {@code int}, signed or not. */
  public KernelArguments int32(int value) {
    memory.putInt(next(), value);
    return this;
  }

  /** A {@code long long}, signed or not, or an address on the device. */
  public KernelArguments int64(long value) {
    memory.putLong(next(), value);
    return this;
  }

  /** A {@code float}. */
  public KernelArguments float32(float value) {
    memory.putFloat(next(), value);
    return this;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  Pointer asPointer() {
    return pointer;
  }

  private int next() {
    if (count == MOST) {
      throw new IllegalArgumentException("Cannot pass more than " + MOST + " kernel arguments");
    }
    return slot(count++);
  }

  private static int slot(int argument) {
    return (MOST + argument) * Long.BYTES;
  }
}
