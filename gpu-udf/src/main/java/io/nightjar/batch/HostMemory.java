package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where the arrays of a batch live: plain memory for a CPU, pinned memory for a GPU.
 *
 * <p>Buffers are direct and in native byte order. Whoever allocates one frees it, once.
 */
public interface HostMemory {

  /** Ordinary direct memory. */
  HostMemory PLAIN = new PlainHostMemory();

  /**
   * Allocates zeroed memory.
   *
   * @param bytes size, from 0 to {@link Integer#MAX_VALUE}
   * @throws OutOfMemoryError if plain memory is not to be had; pinned memory throws an exception of
   *     its own, after which a smaller batch may be tried
   */
  ByteBuffer allocate(int bytes);

  /** Gives back a buffer that {@link #allocate} returned; it must not be used afterwards. */
  void free(ByteBuffer buffer);

  /** Plain direct buffers, given back by the garbage collector. */
  final class PlainHostMemory implements HostMemory {
    private PlainHostMemory() {}

    @Override
    public ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void free(ByteBuffer buffer) {}
  }
}
