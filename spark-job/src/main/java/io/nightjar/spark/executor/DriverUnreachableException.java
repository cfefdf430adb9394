package io.nightjar.spark.executor;

/** The driver's half of the plugin did not answer. */
final class DriverUnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DriverUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
