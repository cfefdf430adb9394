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

  /** What it computes on, and how, as far as that is decided: some is with the first batch. */
  Hardware hardware();

  /** Rows a batch that this backend works best with. */
  int preferredBatchSize();

  /**
   * Opens a scorer; the caller closes it.
   *
   * @param capacity most rows a batch
   */
  DlrmScorer newScorer(int capacity);

  @Override
  void close();
}
