package io.nightjar.scorer.cuda;

import io.nightjar.batch.HostMemory;
import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import java.nio.ByteBuffer;

/**
 * Where a scorer's memory comes from. Device memory begins as NaN in every type, so that reading
 * what was not written shows at once.
 *
 * @param closer of whoever owns the memory
 */
record Scratch(CudaContext context, CudaStream stream, Closer closer) {

  /** Allocates device memory, of 0 bytes too. */
  DeviceBuffer device(String name, long bytes) {
    DeviceBuffer buffer =
        closer.add(DeviceBuffer.allocate(context, name, Math.max(Long.BYTES, bytes)));
    stream.fill(buffer, 0, buffer.bytes(), (byte) 0xff);
    return buffer;
  }

  /** Allocates pinned memory. */
  ByteBuffer pinned(int bytes) {
    HostMemory memory = context.pinnedMemory();
    ByteBuffer buffer = memory.allocate(bytes);
    closer.add(() -> memory.free(buffer));
    return buffer;
  }
}
