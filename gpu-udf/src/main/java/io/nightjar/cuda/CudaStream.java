package io.nightjar.cuda;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * Work of the device, done in the order it is given; streams run side by side. Its methods return
 * before the work is done: {@link #await}, or a {@link CudaEvent}, says when.
 *
 * <p>A buffer given to it must stay open, and host memory untouched, until then. Whoever opens it
 * closes it, after {@link #await}. Used by one thread at a time.
 */
public final class CudaStream extends CudaResource {
  private final CUstream stream = new CUstream();
  private final PinnedBuffer argumentMemory;
  private final KernelArguments arguments;
  private long bytesToDevice;
  private long bytesToHost;

  private CudaStream(CudaContext context, PinnedBuffer argumentMemory) {
    super(context, "stream");
    this.argumentMemory = argumentMemory;
    this.arguments = new KernelArguments(argumentMemory.bytes(), argumentMemory.address());
  }

  /** Opens a stream that does not wait for others; the caller closes it. */
  public static CudaStream open(CudaContext context) {
    return Closer.whole(
        closer -> {
          PinnedBuffer memory = closer.add(PinnedBuffer.allocate(context, KernelArguments.BYTES));
          CudaStream opened = new CudaStream(context, memory);
          context.makeCurrent();
          CudaResult.check(
              JCudaDriver.cuStreamCreate(opened.stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
              () -> "open a stream");
          opened.opened();
          return opened;
        });
  }

  /** The arguments of the next launch, none as yet. */
  public KernelArguments arguments() {
    requireOpen();
    return arguments.clear();
  }

  /**
   * Copies the first {@code bytes} bytes of a buffer to the device.
   *
   * @param to where to, from {@code offset} on
   * @param from direct; pinned, or the copy is not done in the background. Its position and limit
   *     are not looked at
   */
  public void copyToDevice(DeviceBuffer to, long offset, Buffer from, long bytes) {
    Pointer host = hostPointer(from, bytes);
    use();
    CudaResult.check(
        JCudaDriver.cuMemcpyHtoDAsync(to.pointer(offset, bytes), host, bytes, stream),
        () -> "copy " + bytes + " bytes to " + to);
    bytesToDevice += bytes;
  }

  /** Copies {@code bytes} bytes to the start of a direct buffer; see {@link #copyToDevice}. */
  public void copyToHost(Buffer to, DeviceBuffer from, long offset, long bytes) {
    Pointer host = hostPointer(to, bytes);
    use();
    CudaResult.check(
        JCudaDriver.cuMemcpyDtoHAsync(host, from.pointer(offset, bytes), bytes, stream),
        () -> "copy " + bytes + " bytes from " + from);
    bytesToHost += bytes;
  }

  /** Bytes that it was to copy to the device until now. */
  public long bytesToDevice() {
    return bytesToDevice;
  }

  /** Bytes that it was to copy to the host until now. */
  public long bytesToHost() {
    return bytesToHost;
  }

  /** Sets every byte of [offset, offset + bytes) to {@code value}. */
  public void fill(DeviceBuffer buffer, long offset, long bytes, byte value) {
    use();
    CudaResult.check(
        JCudaDriver.cuMemsetD8Async(buffer.pointer(offset, bytes), value, bytes, stream),
        () -> "fill " + bytes + " bytes of " + buffer);
  }

  /** Lets what comes next wait until the event, recorded in another stream, has come. */
  public void waitFor(CudaEvent event) {
    use();
    CudaResult.check(
        JCudaDriver.cuStreamWaitEvent(stream, event.handle(), 0), () -> "wait for an event");
  }

  /** Waits until all of its work is done; faults of that work come to light here. */
  public void await() {
    use();
    CudaResult.check(JCudaDriver.cuStreamSynchronize(stream), () -> "finish the work of a stream");
  }

  /** The driver's handle, for a call that uses this stream. */
  CUstream handle() {
    use();
    return stream;
  }

  @Override
  int release() {
    int result = JCudaDriver.cuStreamDestroy(stream);
    argumentMemory.close();
    return result;
  }

  private static Pointer hostPointer(Buffer buffer, long bytes) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          "Invalid host buffer: " + buffer + ", expected a direct one");
    }
    long capacity = (long) buffer.capacity() * elementBytes(buffer);
    if (bytes < 0 || bytes > capacity) {
      throw new IllegalArgumentException(
          "Invalid size of a copy: " + bytes + " bytes, expected 0 to " + capacity);
    }
    return Pointer.to(buffer);
  }

  private static int elementBytes(Buffer buffer) {
    if (buffer instanceof ByteBuffer) {
      return Byte.BYTES;
    } else if (buffer instanceof ShortBuffer) {
      return Short.BYTES;
    } else if (buffer instanceof IntBuffer) {
      return Integer.BYTES;
    } else if (buffer instanceof FloatBuffer) {
      return Float.BYTES;
    } else if (buffer instanceof LongBuffer) {
      return Long.BYTES;
    }
    throw new IllegalArgumentException(
        "Invalid host buffer: " + buffer + ", expected bytes, shorts, ints, floats or longs");
  }
}
