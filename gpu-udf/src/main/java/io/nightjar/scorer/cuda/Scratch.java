package io.nightjar.scorer.cuda;

import io.nightjar.batch.HostMemory;
import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import java.nio.ByteBuffer;

/**
 * Where a stream's memory comes from. Device memory begins as NaN in every type, so that reading
 * what was not written shows at once.
 *
 * @param closer of whoever owns the memory
 */
record Scratch(CudaContext context, CudaStream stream, Closer closer) {

  /** Allocates device memory, of 0 bytes too. */
  DeviceBuffer device(String name, long bytes) {
    DeviceBuffer buffer = closer.add(DeviceBuffer.allocate(context, name, allocated(bytes)));
    stream.fill(buffer, 0, buffer.bytes(), (byte) 0xff);
    return buffer;
  }

  /** How many bytes {@link #device} takes of the device. */
  static long allocated(long bytes) {
    return Math.max(Long.BYTES, bytes);
  }

  /**
   * {@code buffer} where it holds so many bytes, else a larger one in its place, with nothing in
   * it. The stream may still be at work with the smaller one, and is waited for.
   */
  DeviceBuffer grown(String name, DeviceBuffer buffer, long bytes) {
    if (bytes <= buffer.bytes()) {
      return buffer;
    }
    DeviceBuffer larger = device(name, Math.max(bytes, buffer.bytes() / 2 * 3));
    stream.await();
    buffer.close();
    return larger;
  }

  /** Allocates pinned memory. */
  ByteBuffer pinned(int bytes) {
    return pinned(context, bytes, closer);
  }

  /** Allocates pinned memory, which {@code closer} gives back. */
  static ByteBuffer pinned(CudaContext context, int bytes, Closer closer) {
    HostMemory memory = context.pinnedMemory();
    ByteBuffer buffer = memory.allocate(bytes);
    closer.add(() -> memory.free(buffer));
    return buffer;
  }
}
