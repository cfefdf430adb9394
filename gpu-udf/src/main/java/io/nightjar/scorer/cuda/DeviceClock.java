package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaEvent;
import io.nightjar.cuda.CudaStream;

/**
 * One time for all scorers of a model: that since it was loaded. The driver tells it as a float, a
 * quarter of a millisecond fine after an hour. Thread-safe.
 */
final class DeviceClock {
  private final CudaEvent loaded;
  private final BusyTime busyTime = new BusyTime();

  DeviceClock(CudaContext context, Closer closer) {
    this.loaded = closer.add(CudaEvent.open(context));
    try (CudaStream stream = CudaStream.open(context)) {
      loaded.record(stream);
      loaded.await();
    }
  }

  /** Nanoseconds between two events that no other batch covered; both are done. */
  long busy(CudaEvent begun, CudaEvent done) {
    return busyTime.add(loaded.millisecondsTo(begun), loaded.millisecondsTo(done));
  }
}
