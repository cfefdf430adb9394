package io.nightjar.scorer.cpu;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.DlrmScorer;
import java.nio.FloatBuffer;

/**
 * Scores a batch in chunks of a fixed number of rows, in the caller's thread, within {@link
 * #submit}.
 *
 * <p>A chunk's activations stay in the cache. A last chunk that is not full is padded with zeros: a
 * product of another shape may add in another order, and a row's score must not depend on its
 * batch.
 */
final class CpuDlrmScorer implements DlrmScorer {
  static final int CHUNK = 256;

  private final CpuDlrmModel model;
  private final DlrmConfig config;
  private final FeatureBatch batch;
  private final EmbeddingBags bags;
  private final InteractionStep interaction;
  private final int elements;
  private final FloatArray dense;
  private final FloatArray vectors;
  private final FloatArray[] scratch;
  private final float[] row;
  private final FloatArray chunkLogits;
  private final FloatBuffer logits;
  private final FloatBuffer scores;
  private boolean closed;

  CpuDlrmScorer(CpuDlrmModel model, int capacity) {
    this.model = model;
    this.config = model.config();
    this.batch =
        new FeatureBatch(
            config.denseFeatures().size(),
            config.sparseFeatures().size(),
            capacity,
            HostMemory.PLAIN);
    this.bags = new EmbeddingBags(model.weights());
    this.interaction = model.newInteraction(CHUNK);
    this.elements = Math.toIntExact(config.vectorElements());
    this.dense = new FloatArray((long) CHUNK * config.denseFeatures().size());
    this.vectors = new FloatArray((long) CHUNK * elements);
    int widest = Math.max(model.bottom().widest(), model.top().widest());
    this.scratch =
        new FloatArray[] {
          new FloatArray((long) CHUNK * widest), new FloatArray((long) CHUNK * widest)
        };
    this.row = new float[Math.max(widest, elements)];
    this.chunkLogits = new FloatArray(CHUNK);
    this.logits = FloatBuffer.allocate(capacity);
    this.scores = FloatBuffer.allocate(capacity);
  }

  @Override
  public FeatureBatch batch() {
    return batch;
  }

  @Override
  public void submit() {
    if (closed) {
      throw new IllegalStateException("Cannot score: the scorer is closed");
    }
    bags.check(batch);
    for (int start = 0; start < batch.rows(); start += CHUNK) {
      scoreChunk(start, Math.min(CHUNK, batch.rows() - start));
    }
    logits.limit(batch.rows());
    scores.limit(batch.rows());
  }

  @Override
  public void await() {}

  @Override
  public FloatBuffer scores() {
    return scores;
  }

  @Override
  public FloatBuffer logits() {
    return logits;
  }

  private void scoreChunk(int start, int rows) {
    if (rows < CHUNK) {
      zeroFrom(rows);
    }
    if (!config.denseFeatures().isEmpty()) {
      takeDense(start, rows);
      model
          .bottom()
          .apply(CHUNK, dense, config.denseFeatures().size(), scratch, row, vectors, elements);
    }
    bags.pool(batch, start, rows, vectors.buffer(), config.denseElements(), elements);
    FloatArray inputs = interaction.apply(vectors);
    model
        .top()
        .apply(
            CHUNK,
            inputs,
            Math.toIntExact(config.interactionElements()),
            scratch,
            row,
            chunkLogits,
            1);
    logits.clear();
    scores.clear();
    for (int r = 0; r < rows; r++) {
      float logit = chunkLogits.buffer().get(r);
      logits.put(start + r, logit);
      scores.put(start + r, (float) (1 / (1 + StrictMath.exp(-logit))));
    }
  }

  /** Turns the dense columns of rows {@code [start, start + rows)} into rows. */
  private void takeDense(int start, int rows) {
    int columns = config.denseFeatures().size();
    for (int c = 0; c < columns; c++) {
      FloatBuffer column = batch.dense(c);
      for (int r = 0; r < rows; r++) {
        dense.buffer().put(r * columns + c, column.get(start + r));
      }
    }
  }

  /** Zeroes what earlier batches left in the rows of the chunk that this one does not fill. */
  private void zeroFrom(int rows) {
    int columns = config.denseFeatures().size();
    for (int i = rows * columns; i < CHUNK * columns; i++) {
      dense.buffer().put(i, 0f);
    }
    for (int i = rows * elements; i < CHUNK * elements; i++) {
      vectors.buffer().put(i, 0f);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    interaction.close();
    dense.close();
    vectors.close();
    scratch[0].close();
    scratch[1].close();
    chunkLogits.close();
    batch.close();
    model.scorerClosed();
  }
}
