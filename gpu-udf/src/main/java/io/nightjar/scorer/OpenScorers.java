package io.nightjar.scorer;

import java.util.function.Supplier;

/**
 * The scorers of one model that are open. None is opened on a closed model, and no model is closed
 * under a scorer, which would read memory that is gone. Thread-safe.
 */
public final class OpenScorers {
  private final String model;
  private int count;
  private boolean closed;

  /** None as yet, of a model of this name. */
  public OpenScorers(String model) {
    this.model = model;
  }

  /**
   * Opens a scorer, which tells {@link #closed} when it is closed.
   *
   * @throws IllegalStateException if the model is closed
   */
  public synchronized <T extends DlrmScorer> T open(Supplier<T> opening) {
    if (closed) {
      throw new IllegalStateException("Cannot open a scorer: model " + model + " is closed");
    }
    T scorer = opening.get();
    count++;
    return scorer;
  }

  /** A scorer was closed. */
  public synchronized void closed() {
    count--;
  }

  /**
   * Closes the model, the first time that it is asked to.
   *
   * @throws IllegalStateException if a scorer is open
   */
  public synchronized void closeModel(Runnable closing) {
    if (count > 0) {
      throw new IllegalStateException(
          "Cannot close model %s: it has %d open scorers, expected none".formatted(model, count));
    }
    if (!closed) {
      closed = true;
      closing.run();
    }
  }
}
