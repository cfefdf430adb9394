package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Scores and logits of a batch, in pinned memory. */
final class Results {
  private final FloatBuffer logits;
  private final FloatBuffer scores;
  private final ByteBuffer status;

  Results(CudaContext context, int capacity, Closer closer) {
    int bytes = Math.multiplyExact(capacity, Float.BYTES);
    this.logits = Scratch.pinned(context, bytes, closer).asFloatBuffer();
    this.scores = Scratch.pinned(context, bytes, closer).asFloatBuffer();
    this.status = Scratch.pinned(context, Pipeline.STATUS_BYTES, closer);
    rows(0);
  }

  /** Memory of a scorer's results: these, and those of a second pass. */
  static long bytes(int capacity) {
    return 2L * (2L * capacity * Float.BYTES + Pipeline.STATUS_BYTES);
  }

  /** Says how many rows there are. */
  void rows(int rows) {
    logits.clear().limit(rows);
    scores.clear().limit(rows);
  }

  /** Has a stream copy the results of {@link #rows} here. */
  void copy(CudaStream stream, Pipeline pipeline) {
    long bytes = (long) logits.limit() * Float.BYTES;
    stream.copyToHost(logits, pipeline.logits(), 0, bytes);
    stream.copyToHost(scores, pipeline.scores(), 0, bytes);
    stream.copyToHost(status, pipeline.status(), 0, Pipeline.STATUS_BYTES);
  }

  /** Takes over the rows that are NaN here from {@code others}. */
  void replaceNan(Results others) {
    for (int row = 0; row < logits.limit(); row++) {
      if (Float.isNaN(logits.get(row))) {
        logits.put(row, others.logits.get(row));
        scores.put(row, others.scores.get(row));
      }
    }
  }

  FloatBuffer logits() {
    return logits;
  }

  FloatBuffer scores() {
    return scores;
  }

  /** The first fault of the ids as {@link CheckIdsKernel} tells it, or -1. */
  long fault() {
    return status.getLong(0);
  }

  /** Whether an activation was too large for its scale: its row is NaN. */
  boolean overflowed() {
    return status.getInt(Pipeline.OVERFLOW_AT) != 0;
  }
}
