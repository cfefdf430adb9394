package io.nightjar.cuda;

import io.nightjar.batch.HostMemory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import jcuda.driver.CUcontext;
import jcuda.driver.CUctx_flags;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUlimit;
import jcuda.driver.JCudaDriver;

/**
 * Where a device's memory, streams and kernels live. It holds the device's primary context, so that
 * several of these in one process share one, and kernels of different models may overlap.
 *
 * <p>It counts what is open in it. Whoever opens it closes it, after everything in it. Thread-safe.
 */
public final class CudaContext implements AutoCloseable {
  private final CudaDevice device;
  private final CUdevice handle;
  private final CUcontext context = new CUcontext();
  private final Set<CudaResource> open = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final HostMemory pinnedMemory = new PinnedMemory(this);

  private CudaContext(CudaDevice device) {
    this.device = device;
    this.handle = CudaDevice.handle(device.ordinal());
    // A thread that waits for the device sleeps: the cores have batches to fill.
    CudaResult.check(
        JCudaDriver.cuDevicePrimaryCtxSetFlags(handle, CUctx_flags.CU_CTX_SCHED_BLOCKING_SYNC),
        () -> "set how to wait for " + device);
    CudaResult.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, handle), () -> "open a context on " + device);
  }

  /** Opens a context; the caller closes it. */
  public static CudaContext open(CudaDevice device) {
    return new CudaContext(device);
  }

  /** The device it is on. */
  public CudaDevice device() {
    return device;
  }

  /** Bytes of device memory that are free now, for all processes together. */
  public long freeBytes() {
    makeCurrent();
    long[] free = new long[1];
    CudaResult.check(JCudaDriver.cuMemGetInfo(free, new long[1]), () -> "ask for free memory");
    return free[0];
  }

  /**
   * Lets as much of L2 as the device allows be kept for lines that kernels ask to be evicted last.
   * It is taken from everything else that runs in this context.
   *
   * @return how many bytes that are
   */
  public long letL2Persist() {
    makeCurrent();
    int most =
        CudaDevice.attribute(
            handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE);
    CudaResult.check(
        JCudaDriver.cuCtxSetLimit(CUlimit.CU_LIMIT_PERSISTING_L2_CACHE_SIZE, most),
        () -> "let " + most + " bytes of L2 persist");
    return most;
  }

  /** Pinned memory, which the device copies from and to by itself; zeroed as it is allocated. */
  public HostMemory pinnedMemory() {
    return pinnedMemory;
  }

  /** How many buffers, streams, events, modules and graphs are open in it. */
  public int openResources() {
    return open.size();
  }

  /** Bytes of device memory in the buffers that are open in it. */
  public long deviceBytes() {
    return open.stream()
        .mapToLong(resource -> resource instanceof DeviceBuffer buffer ? buffer.bytes() : 0)
        .sum();
  }

  void opened(CudaResource resource) {
    open.add(resource);
  }

  /** Whether it was open until now. */
  boolean closing(CudaResource resource) {
    return open.remove(resource);
  }

  boolean isOpen(CudaResource resource) {
    return open.contains(resource);
  }

  /** Every call of the driver that needs a context comes after this one, on the same thread. */
  void makeCurrent() {
    if (closed.get()) {
      throw new IllegalStateException(
          "Cannot use the CUDA context of " + device + ": it is closed");
    }
    CudaResult.check(
        JCudaDriver.cuCtxSetCurrent(context), () -> "make the context of " + device + " current");
  }

  /**
   * Gives the context back; the last one in the process frees all memory of the device with it.
   *
   * @throws IllegalStateException if anything is still open in it, naming it; the context is given
   *     back all the same
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    int result = JCudaDriver.cuDevicePrimaryCtxRelease(handle);
    if (!open.isEmpty()) {
      throw new IllegalStateException(
          "Cannot close the CUDA context of "
              + device
              + " in order: still open are "
              + open.stream()
                  .map(CudaResource::toString)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    CudaResult.check(result, () -> "close the context of " + device);
  }
}
