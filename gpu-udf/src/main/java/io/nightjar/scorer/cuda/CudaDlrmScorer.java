package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.scorer.BatchCost;
import io.nightjar.scorer.DlrmScorer;
import java.nio.FloatBuffer;

/**
 * What a scorer has on the host, all of it in pinned memory: its batch and its results. On the
 * device they pass through one of the streams that all scorers share.
 *
 * <p>Activations are scaled into the range of fp16. Where one is too large for the scale, the whole
 * of its row comes out as NaN and no other row does; such a batch is scored again with smaller
 * scales, and NaN rows take the result of the first scale that gives one. So which scale a row gets
 * depends on that row alone.
 */
final class CudaDlrmScorer implements DlrmScorer {
  /** With the smallest scale, 2^-96 or 2^-90, an activation may be 8e31 or more. */
  private static final int SCALES = 7;

  private final ScoringStreams streams;
  private final Runnable whenClosed;
  private final Closer closer;
  private final Stopwatch stopwatch;
  private final HostBatch batch;
  private final Results results;
  private final Results rescored;
  private ScoringStream stream;
  private boolean submitted;
  private boolean closed;

  private CudaDlrmScorer(
      CudaDlrmModel model,
      ScoringStreams streams,
      int capacity,
      Runnable whenClosed,
      Closer closer) {
    this.streams = streams;
    this.whenClosed = whenClosed;
    this.closer = closer;
    CudaContext context = model.context();
    this.batch = new HostBatch(context, model.config(), capacity, closer);
    this.stopwatch = new Stopwatch(context, model.clock(), closer);
    this.results = new Results(context, capacity, closer);
    this.rescored = new Results(context, capacity, closer);
  }

  /**
   * Opens a scorer; the caller closes it.
   *
   * @param streams through which its batches go; they outlive it
   * @param whenClosed runs once it is closed
   * @throws io.nightjar.cuda.CudaException if memory is short
   */
  static CudaDlrmScorer open(
      CudaDlrmModel model, ScoringStreams streams, int capacity, Runnable whenClosed) {
    return Closer.whole(closer -> new CudaDlrmScorer(model, streams, capacity, whenClosed, closer));
  }

  @Override
  public FeatureBatch batch() {
    return batch.batch();
  }

  @Override
  public void submit() {
    if (closed) {
      throw new IllegalStateException("Cannot score: the scorer is closed");
    }
    results.rows(batch().rows());
    stopwatch.reset();
    if (batch().rows() == 0) {
      return;
    }
    batch.filled();
    score(0, results);
    submitted = true;
  }

  private void score(int scale, Results to) {
    stream = streams.next();
    boolean given = false;
    try {
      stream.score(batch, scale, to, stopwatch);
      given = true;
    } finally {
      if (!given) {
        streams.done(stream);
      }
    }
  }

  @Override
  public void await() {
    if (!submitted) {
      return;
    }
    submitted = false;
    awaitStream();
    if (results.fault() != -1) {
      throw batch.fault(results.fault());
    }
    if (results.overflowed()) {
      rescore();
    }
  }

  private void awaitStream() {
    try {
      stopwatch.await();
    } finally {
      streams.done(stream);
    }
  }

  private void rescore() {
    rescored.rows(batch().rows());
    int scale = 0;
    do {
      score(++scale, rescored);
      awaitStream();
      results.replaceNan(rescored);
    } while (rescored.overflowed() && scale + 1 < SCALES);
  }

  @Override
  public FloatBuffer scores() {
    return results.scores();
  }

  @Override
  public FloatBuffer logits() {
    return results.logits();
  }

  @Override
  public BatchCost cost() {
    return stopwatch.cost();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (submitted) {
        submitted = false;
        streams.done(stream);
      }
      if (stream != null) {
        stream.await(); // Copies may be under way, of a batch that failed half-way, too.
      }
    } finally {
      try {
        closer.close();
      } finally {
        whenClosed.run();
      }
    }
  }
}
