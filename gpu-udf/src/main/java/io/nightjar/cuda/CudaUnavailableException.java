package io.nightjar.cuda;

/** CUDA cannot be used here: no driver, no device, no GPU code, or too old a driver or device. */
public final class CudaUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CudaUnavailableException(String why) {
    super("Cannot use CUDA: " + why);
  }
}
