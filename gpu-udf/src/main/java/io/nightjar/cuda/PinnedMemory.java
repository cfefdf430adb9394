package io.nightjar.cuda;

import io.nightjar.batch.HostMemory;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;

/** Pinned memory for batches: knows the owner of each buffer that it handed out. Thread-safe. */
final class PinnedMemory implements HostMemory {
  private final CudaContext context;

  // By identity: buffers of equal content are equal.
  private final Map<ByteBuffer, PinnedBuffer> owners =
      Collections.synchronizedMap(new IdentityHashMap<>());

  PinnedMemory(CudaContext context) {
    this.context = context;
  }

  @Override
  public ByteBuffer allocate(int bytes) {
    PinnedBuffer buffer = PinnedBuffer.allocate(context, bytes);
    owners.put(buffer.bytes(), buffer);
    return buffer.bytes();
  }

  @Override
  public void free(ByteBuffer buffer) {
    PinnedBuffer owner = owners.remove(buffer);
    if (owner == null) {
      throw new IllegalArgumentException(
          "Cannot free " + buffer + ": it was freed before or is not of this pinned memory");
    }
    owner.close();
  }
}
