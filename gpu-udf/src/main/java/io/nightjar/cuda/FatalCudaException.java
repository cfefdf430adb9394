package io.nightjar.cuda;

/**
 * The device faulted: an illegal address, an uncorrectable memory error and their kin. Every later
 * call of this process fails as well, so the process must end and another take its place.
 *
 * <p>Not a {@link CudaException}: nothing that tries those again may swallow this one.
 */
public final class FatalCudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FatalCudaException(String message) {
    super(message);
  }
}
