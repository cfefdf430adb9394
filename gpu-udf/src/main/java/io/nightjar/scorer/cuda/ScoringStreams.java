package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import java.util.List;
import java.util.stream.Stream;

/**
 * The streams that all scorers of a model share, for batches of up to a capacity. However many
 * scorers there are, the device has so many batches in its memory at a time and no more. Each batch
 * takes the stream that has the fewest to do. Thread-safe.
 */
final class ScoringStreams implements AutoCloseable {
  /** While one batch is computed, another is copied in and a third one copied out. */
  static final int COUNT = 3;

  private final int capacity;
  private final List<ScoringStream> streams;
  private final int[] underWay = new int[COUNT];
  private final Closer closer;

  private ScoringStreams(CudaDlrmModel model, int capacity, Closer closer) {
    this.capacity = capacity;
    this.closer = closer;
    this.streams =
        Stream.generate(() -> closer.add(ScoringStream.open(model, capacity)))
            .limit(COUNT)
            .toList();
  }

  /**
   * Opens them; the caller closes them.
   *
   * @throws io.nightjar.cuda.CudaException if memory is short
   */
  static ScoringStreams open(CudaDlrmModel model, int capacity) {
    return Closer.whole(closer -> new ScoringStreams(model, capacity, closer));
  }

  /** Most rows a batch. */
  int capacity() {
    return capacity;
  }

  /** A stream for one batch; {@link #done} is to be called for it. */
  synchronized ScoringStream next() {
    int least = 0;
    for (int s = 1; s < COUNT; s++) {
      least = underWay[s] < underWay[least] ? s : least;
    }
    underWay[least]++;
    return streams.get(least);
  }

  /** A batch that went through {@code stream} is done, or was not scored. */
  synchronized void done(ScoringStream stream) {
    underWay[streams.indexOf(stream)]--;
  }

  @Override
  public void close() {
    closer.close();
  }
}
