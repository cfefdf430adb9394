package io.nightjar.spark.executor;

/** A row that cannot be scored, where bad rows are to fail. */
public final class BadRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadRowException(String message) {
    super(message);
  }
}
