package io.nightjar.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Host memory that the device copies from and to by itself, while the thread goes on. Whoever
 * allocates it closes it, once the device is done with it; its bytes are gone then.
 */
public final class PinnedBuffer extends CudaResource {
  private static final AtomicLong OPEN_BYTES = new AtomicLong();

  private final HostAddress pointer = new HostAddress();
  private final int size;
  private ByteBuffer bytes;

  private PinnedBuffer(CudaContext context, int size) {
    super(context, "pinned buffer (" + size + " bytes)");
    this.size = size;
  }

  /**
   * Allocates zeroed pinned memory.
   *
   * @param size bytes, from 0 to {@link Integer#MAX_VALUE}: JCuda cannot hand out more in one piece
   * @throws CudaException if it is not to be had; {@link CudaException#outOfMemory} is true
   */
  public static PinnedBuffer allocate(CudaContext context, int size) {
    if (size < 0) {
      throw new IllegalArgumentException(
          "Invalid size of a pinned buffer: " + size + " bytes, expected 0 or more");
    }
    PinnedBuffer buffer = new PinnedBuffer(context, size);
    context.makeCurrent();
    // The driver refuses 0 bytes.
    long allocated = Math.max(1, size);
    CudaResult.check(
        JCudaDriver.cuMemHostAlloc(buffer.pointer, allocated, 0), () -> "allocate " + buffer);
    buffer.opened();
    OPEN_BYTES.addAndGet(size);
    buffer.bytes = zeroed(buffer.pointer.getByteBuffer(0, size));
    return buffer;
  }

  private static ByteBuffer zeroed(ByteBuffer bytes) {
    byte[] zeros = new byte[Math.min(bytes.capacity(), 1 << 16)];
    while (bytes.hasRemaining()) {
      bytes.put(zeros, 0, Math.min(zeros.length, bytes.remaining()));
    }
    return bytes.clear().order(ByteOrder.nativeOrder());
  }

  /** The memory: direct, in native byte order, always the same object. Not after close. */
  public ByteBuffer bytes() {
    requireOpen();
    return bytes;
  }

  /** Where it begins in this process. */
  long address() {
    requireOpen();
    return pointer.value();
  }

  /** Its size in bytes. */
  public int size() {
    return size;
  }

  /** Bytes of all that are open in this process, on whatever device. */
  public static long openBytes() {
    return OPEN_BYTES.get();
  }

  @Override
  int release() {
    OPEN_BYTES.addAndGet(-size);
    return JCudaDriver.cuMemFreeHost(pointer);
  }

  /** JCuda shows an address only to its subclasses. */
  private static final class HostAddress extends Pointer {
    long value() {
      return getNativePointer();
    }
  }
}
