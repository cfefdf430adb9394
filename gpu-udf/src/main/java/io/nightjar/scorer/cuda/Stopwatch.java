package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaEvent;
import io.nightjar.cuda.CudaStream;
import io.nightjar.scorer.BatchCost;

/**
 * Takes the times of a scorer's batches by the device's own clock. Used by one thread at a time.
 */
final class Stopwatch {
  private final CudaStream stream;
  private final DeviceClock clock;
  private final CudaEvent begun;
  private final CudaEvent copied;
  private final CudaEvent computed;
  private final CudaEvent done;
  private long bytesBefore;
  private long bytesOutBefore;
  private double copyIn;
  private double compute;
  private double copyOut;

  Stopwatch(CudaContext context, CudaStream stream, DeviceClock clock, Closer closer) {
    this.stream = stream;
    this.clock = clock;
    this.begun = closer.add(CudaEvent.open(context));
    this.copied = closer.add(CudaEvent.open(context));
    this.computed = closer.add(CudaEvent.open(context));
    this.done = closer.add(CudaEvent.open(context));
  }

  /** A batch is about to be copied. */
  void begin() {
    bytesBefore = stream.bytesToDevice();
    bytesOutBefore = stream.bytesToHost();
    copyIn = Double.NaN;
    compute = 0;
    copyOut = 0;
    begun.record(stream);
  }

  /** The steps come next. */
  void beginSteps() {
    copied.record(stream);
  }

  /** The results come next. */
  void endSteps() {
    computed.record(stream);
  }

  /** That was the last of them. */
  void end() {
    done.record(stream);
  }

  /** Waits for the {@link #end}; of steps that were done again, for the last of them. */
  void await() {
    done.await();
    if (Double.isNaN(copyIn)) {
      copyIn = begun.millisecondsTo(copied);
    }
    compute += copied.millisecondsTo(computed);
    copyOut += computed.millisecondsTo(done);
  }

  /** What the batch cost, all of it being done. */
  BatchCost cost() {
    return new BatchCost(
        nanos(copyIn),
        nanos(compute),
        nanos(copyOut),
        clock.busy(begun, done),
        stream.bytesToDevice() - bytesBefore,
        stream.bytesToHost() - bytesOutBefore);
  }

  private static long nanos(double milliseconds) {
    return Math.round(milliseconds * 1e6);
  }
}
