package io.nightjar.cuda;

/**
 * The driver refused a call. The process is sound, so the work may be tried again, here or
 * elsewhere; out of memory, with less of it.
 */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean outOfMemory;

  CudaException(String message, boolean outOfMemory) {
    super(message);
    this.outOfMemory = outOfMemory;
  }

  /** Whether device or pinned memory was not to be had. */
  public boolean outOfMemory() {
    return outOfMemory;
  }
}
