package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaEvent;
import io.nightjar.cuda.CudaStream;
import io.nightjar.scorer.BatchCost;

/**
 * Takes the times of a scorer's batches by the device's own clock, in whichever stream they run.
 * Used by one thread at a time.
 */
final class Stopwatch {
  private final DeviceClock clock;
  private final CudaEvent begun;
  private final CudaEvent copied;
  private final CudaEvent computed;
  private final CudaEvent done;
  private long bytesInBefore;
  private long bytesOutBefore;
  private BatchCost cost = BatchCost.NONE;
  private long bytesIn;
  private long bytesOut;

  Stopwatch(CudaContext context, DeviceClock clock, Closer closer) {
    this.clock = clock;
    this.begun = closer.add(CudaEvent.open(context));
    this.copied = closer.add(CudaEvent.open(context));
    this.computed = closer.add(CudaEvent.open(context));
    this.done = closer.add(CudaEvent.open(context));
  }

  /** Another batch comes, which has cost nothing yet. */
  void reset() {
    cost = BatchCost.NONE;
  }

  /** The batch is about to be copied. */
  void begin(CudaStream stream) {
    bytesInBefore = stream.bytesToDevice();
    bytesOutBefore = stream.bytesToHost();
    begun.record(stream);
  }

  /** The steps come next. */
  void beginSteps(CudaStream stream) {
    copied.record(stream);
  }

  /** The results come next. */
  void endSteps(CudaStream stream) {
    computed.record(stream);
  }

  /** That was the last of them. */
  void end(CudaStream stream) {
    done.record(stream);
    bytesIn = stream.bytesToDevice() - bytesInBefore;
    bytesOut = stream.bytesToHost() - bytesOutBefore;
  }

  /** Waits for the {@link #end}, and adds what it was the end of to the batch's cost. */
  void await() {
    done.await();
    cost =
        new BatchCost(
            cost.copyInNanos() + nanos(begun, copied),
            cost.computeNanos() + nanos(copied, computed),
            cost.copyOutNanos() + nanos(computed, done),
            cost.busyNanos() + clock.busy(begun, done),
            cost.bytesIn() + bytesIn,
            cost.bytesOut() + bytesOut);
  }

  /** What the batch has cost until now. */
  BatchCost cost() {
    return cost;
  }

  private static long nanos(CudaEvent from, CudaEvent to) {
    return Math.round(from.millisecondsTo(to) * 1e6);
  }
}
