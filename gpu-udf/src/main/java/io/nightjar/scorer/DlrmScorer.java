package io.nightjar.scorer;

import io.nightjar.batch.FeatureBatch;
import java.nio.FloatBuffer;

/**
 * Scores one batch after another: fill {@link #batch}, {@link #submit}, {@link #await}, read {@link
 * #scores}. Used by one thread at a time. A row's score does not depend on the batch it rides in.
 */
public interface DlrmScorer extends AutoCloseable {

  /**
   * The batch to fill. Owned by the scorer; not to be touched between submit and await. It may hold
   * fewer rows than were asked for, where memory is short.
   */
  FeatureBatch batch();

  /**
   * Starts scoring rows [0, batch().rows()). May return before the scores are there.
   *
   * @throws IllegalArgumentException for a row id outside its table, naming feature and row; from
   *     here or from {@link #await}
   */
  void submit();

  /** Waits until the submitted batch is scored. */
  void await();

  /** Scores of the last batch, [rows]: the sigmoid of the logits. Valid until the next submit. */
  FloatBuffer scores();

  /** Logits of the last batch, [rows]. Valid until the next submit. */
  FloatBuffer logits();

  /** What the last batch cost; known after {@link #await}. */
  BatchCost cost();

  @Override
  void close();
}
