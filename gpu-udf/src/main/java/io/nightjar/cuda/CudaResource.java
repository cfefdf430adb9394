package io.nightjar.cuda;

/** Something opened in a context: counted there until it is closed, and of no use afterwards. */
abstract class CudaResource implements AutoCloseable {
  private final CudaContext context;
  private final String description;

  /** For a message: "device buffer weights (4096 bytes)". */
  CudaResource(CudaContext context, String description) {
    this.context = context;
    this.description = description;
  }

  /** To be called once the driver has opened it. */
  final void opened() {
    context.opened(this);
  }

  final CudaContext context() {
    return context;
  }

  /** Makes the context current, for a call of the driver that uses this resource. */
  final void use() {
    requireOpen();
    context.makeCurrent();
  }

  final void requireOpen() {
    if (!context.isOpen(this)) {
      throw new IllegalStateException("Cannot use " + description + ": it is closed");
    }
  }

  /** Gives it back to the driver; returns what the driver answers. */
  abstract int release();

  /** Closes it; a second time does nothing. The device must be done with it. */
  @Override
  public final void close() {
    if (context.closing(this)) {
      context.makeCurrent();
      CudaResult.check(release(), () -> "close " + description);
    }
  }

  @Override
  public final String toString() {
    return description;
  }
}
