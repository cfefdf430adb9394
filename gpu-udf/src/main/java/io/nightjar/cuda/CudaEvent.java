package io.nightjar.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A mark in a stream's work, to wait for and to take the time by. Whoever opens it closes it. */
public final class CudaEvent extends CudaResource {
  private final CUevent event = new CUevent();

  private CudaEvent(CudaContext context) {
    super(context, "event");
  }

  /** Opens an event; the caller closes it. */
  public static CudaEvent open(CudaContext context) {
    CudaEvent opened = new CudaEvent(context);
    context.makeCurrent();
    // A thread that waits sleeps, as with the context itself.
    CudaResult.check(
        JCudaDriver.cuEventCreate(opened.event, CUevent_flags.CU_EVENT_BLOCKING_SYNC),
        () -> "open an event");
    opened.opened();
    return opened;
  }

  /** Marks the end of the work that the stream has now; an earlier mark is forgotten. */
  public void record(CudaStream stream) {
    CudaResult.check(JCudaDriver.cuEventRecord(handle(), stream.handle()), () -> "record an event");
  }

  /** Whether that work is done. True, too, if nothing was recorded. */
  public boolean isDone() {
    int result = JCudaDriver.cuEventQuery(handle());
    if (result == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    CudaResult.check(result, () -> "ask for an event");
    return true;
  }

  /** Waits until that work is done; faults of that work come to light here. */
  public void await() {
    CudaResult.check(JCudaDriver.cuEventSynchronize(handle()), () -> "wait for an event");
  }

  /** Milliseconds of the device from this event to a later one; both must be done. */
  public float millisecondsTo(CudaEvent later) {
    float[] milliseconds = new float[1];
    CudaResult.check(
        JCudaDriver.cuEventElapsedTime(milliseconds, handle(), later.handle()),
        () -> "take the time between two events");
    return milliseconds[0];
  }

  /** The driver's handle, for a call that uses this event. */
  CUevent handle() {
    use();
    return event;
  }

  @Override
  int release() {
    return JCudaDriver.cuEventDestroy(event);
  }
}
