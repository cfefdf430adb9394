package io.nightjar.cuda;

import java.util.concurrent.atomic.AtomicLong;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Device memory. Whoever allocates it closes it, once the device is done with it. */
public final class DeviceBuffer extends CudaResource {
  private static final AtomicLong OPEN_BYTES = new AtomicLong();

  private final Address pointer = new Address();
  private final long bytes;

  private DeviceBuffer(CudaContext context, String name, long bytes) {
    super(context, "device buffer " + name + " (" + bytes + " bytes)");
    this.bytes = bytes;
  }

  /**
   * Allocates device memory, aligned to 256 bytes or more; what it holds is undefined.
   *
   * @param name for messages
   * @param bytes size, at least 1
   * @throws CudaException if that much is not free; {@link CudaException#outOfMemory} is true
   */
  public static DeviceBuffer allocate(CudaContext context, String name, long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "Invalid size of device buffer " + name + ": " + bytes + " bytes, expected 1 or more");
    }
    DeviceBuffer buffer = new DeviceBuffer(context, name, bytes);
    context.makeCurrent();
    int result = JCudaDriver.cuMemAlloc(buffer.pointer, bytes);
    CudaResult.check(
        result,
        () ->
            result == CUresult.CUDA_ERROR_OUT_OF_MEMORY
                ? "allocate " + buffer + ", " + context.freeBytes() + " bytes are free"
                : "allocate " + buffer);
    buffer.opened();
    OPEN_BYTES.addAndGet(bytes);
    return buffer;
  }

  /** Its size. */
  public long bytes() {
    return bytes;
  }

  /** Where it begins on the device, for tables of addresses that kernels read. */
  public long address() {
    requireOpen();
    return pointer.value();
  }

  /** A pointer to [offset, offset + length), which must lie in it. */
  CUdeviceptr pointer(long offset, long length) {
    requireOpen();
    if (offset < 0 || length < 0 || offset > bytes - length) {
      throw new IllegalArgumentException(
          "Invalid range of " + this + ": " + length + " bytes from " + offset);
    }
    return pointer.withByteOffset(offset);
  }

  /** Bytes of all that are open in this process, on whatever device. */
  public static long openBytes() {
    return OPEN_BYTES.get();
  }

  @Override
  int release() {
    OPEN_BYTES.addAndGet(-bytes);
    return JCudaDriver.cuMemFree(pointer);
  }

  /** JCuda shows an address only to its subclasses. */
  private static final class Address extends CUdeviceptr {
    long value() {
      return getNativePointer();
    }
  }
}
