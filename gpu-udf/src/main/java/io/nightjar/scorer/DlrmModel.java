package io.nightjar.scorer;

import io.nightjar.model.DlrmConfig;

/**
 * A loaded model: thread-safe, one an executor. It owns the weights; scorers must be closed before
 * it is.
 */
public interface DlrmModel extends AutoCloseable {

  /** The model's shape. */
  DlrmConfig config();

  /** What computes its scores. */
  Backend backend();

  /** Arithmetic of its matrix products. */
  Precision precision();

  /**
   * A hash of every byte of the files that it was opened from, by {@link
   * io.nightjar.model.ModelContent}.
   */
  String content();

  /** What it computes on, and how, as far as that is decided: some is with the first batch. */
  Hardware hardware();

  /**
   * Rows a batch that this backend works best with; fewer where its device's memory, beside the
   * weights, does not hold so many.
   */
  int preferredBatchSize();

  /**
   * Makes sure that batches of so many rows fit beside the weights, where there is a limit.
   *
   * @throws BackendUnavailableException with the arithmetic, if they do not
   */
  void checkBatchSize(int rows);

  /**
   * Opens a scorer; the caller closes it.
   *
   * @param capacity most rows a batch
   */
  DlrmScorer newScorer(int capacity);

  @Override
  void close();
}
