package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of a model: opened with the first scorer of a capacity, shared by all of that
 * capacity, and closed with the last of them. Thread-safe.
 */
final class OpenStreams {
  private static final Logger LOG = LoggerFactory.getLogger(OpenStreams.class);

  private final CudaDlrmModel model;
  private final Map<Integer, Shared> open = new HashMap<>();
  private Optional<StreamMemory> lastOpened = Optional.empty();

  private static final class Shared {
    private final ScoringStreams streams;
    private int users;

    private Shared(ScoringStreams streams) {
      this.streams = streams;
    }
  }

  OpenStreams(CudaDlrmModel model) {
    this.model = model;
  }

  /**
   * Streams for batches of up to {@code capacity} rows, or of fewer where device memory is short;
   * the caller {@linkplain #release releases} them.
   *
   * @throws CudaException if there is not even memory for {@link StreamMemory#LEAST_ROWS} rows
   */
  synchronized ScoringStreams use(int capacity) {
    Shared shared = open.get(capacity);
    if (shared == null) {
      ScoringStreams streams =
          orSmaller("streams", capacity, rows -> ScoringStreams.open(model, rows));
      lastOpened = Optional.of(model.memory(streams.capacity()));
      shared = new Shared(streams);
      open.put(capacity, shared);
    }
    shared.users++;
    return shared.streams;
  }

  /**
   * Makes sure that there is memory for batches of up to {@code capacity} rows.
   *
   * @throws io.nightjar.scorer.BackendUnavailableException with the arithmetic, if there is not
   */
  synchronized void mustFit(int capacity) {
    if (!open.containsKey(capacity)) {
      CudaContext context = model.context();
      model.memory(capacity).mustFit(model.config().name(), context.device(), context.freeBytes());
    }
  }

  /** What the streams take that were opened last, if any were. */
  synchronized Optional<StreamMemory> lastOpened() {
    return lastOpened;
  }

  /** Gives back what {@link #use} of the same capacity has returned. */
  synchronized void release(int capacity) {
    Shared shared = open.get(capacity);
    if (--shared.users == 0) {
      open.remove(capacity);
      shared.streams.close();
    }
  }

  /** Opens something of so many rows, or of half as many as long as memory is short. */
  static <T> T orSmaller(String what, int rows, IntFunction<T> opening) {
    try {
      return opening.apply(rows);
    } catch (CudaException e) {
      if (!e.outOfMemory() || rows <= StreamMemory.LEAST_ROWS) {
        throw e;
      }
      int half = Math.max(StreamMemory.LEAST_ROWS, rows / 2);
      LOG.warn("Opening {} of {} rows instead of {}: {}", what, half, rows, e.getMessage());
      return orSmaller(what, half, opening);
    }
  }
}
