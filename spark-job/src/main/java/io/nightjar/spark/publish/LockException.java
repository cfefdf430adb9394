package io.nightjar.spark.publish;

/** Another run holds the lock, or took it over. */
public final class LockException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LockException(String message) {
    super(message);
  }
}
