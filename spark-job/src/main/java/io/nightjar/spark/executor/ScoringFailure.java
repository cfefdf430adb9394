package io.nightjar.spark.executor;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Why an executor had a run stopped, as the driver knows it.
 *
 * @param kind what went wrong
 * @param message one line for the user
 */
public record ScoringFailure(Kind kind, String message) implements Serializable {

  /** What went wrong. */
  public enum Kind {
    /** A row that cannot be scored, where bad rows are to fail. */
    BAD_ROW,
    /** The model cannot be opened. */
    MODEL,
    /** The backend cannot run where it should. */
    BACKEND
  }

  private static final int MOST = 100;
  private static final Deque<ScoringFailure> REPORTED = new ArrayDeque<>();

  /** Keeps what an executor reported to this driver. */
  static void report(ScoringFailure failure) {
    synchronized (REPORTED) {
      if (REPORTED.size() == MOST) {
        REPORTED.removeFirst();
      }
      REPORTED.addLast(failure);
    }
  }

  /**
   * The failure behind what a Spark action threw: Spark carries its message through the cancelled
   * job's exception.
   */
  public static Optional<ScoringFailure> behind(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String text = String.valueOf(cause.getMessage());
      synchronized (REPORTED) {
        for (ScoringFailure failure : REPORTED) {
          if (text.contains(failure.message())) {
            return Optional.of(failure);
          }
        }
      }
    }
    return Optional.empty();
  }
}
