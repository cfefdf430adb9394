package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaGraph;
import io.nightjar.cuda.CudaStream;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * A CUDA stream, and on the device what scoring a batch takes: the batch, all that lies between the
 * steps, and the scores. The steps are recorded once and launched as a whole.
 *
 * <p>Batches of any scorer go through it, one after another. A batch may be given while the one
 * before is still at work: the stream does not begin to copy it in before the other's scores were
 * copied out, so that nobody waits for the memory. Thread-safe.
 */
final class ScoringStream implements AutoCloseable {
  /** Exponents between one scale and the next: those of fp16's range above its precision. */
  private static final int SCALE_STEP = 16;

  private final CudaDlrmModel model;
  private final Closer closer;
  private final CudaStream stream;
  private final DeviceBatch deviceBatch;
  private final Pipeline pipeline;
  private final Map<Steps, CudaGraph> graphs = new HashMap<>();

  /**
   * What recorded steps differ in.
   *
   * @param scale how often the activations' scale was made smaller
   * @param walk how bags are pooled
   */
  private record Steps(int scale, BagWalk walk) {}

  private ScoringStream(CudaDlrmModel model, int capacity, Closer closer) {
    this.model = model;
    this.closer = closer;
    CudaContext context = model.context();
    this.stream = closer.add(CudaStream.open(context));
    Scratch scratch = new Scratch(context, stream, closer);
    this.deviceBatch = new DeviceBatch(model, capacity, scratch);
    this.pipeline = new Pipeline(model, deviceBatch, capacity, scratch);
    if (pipeline.isRecordable()) {
      graph(new Steps(0, BagWalk.SHORT));
    }
    stream.await();
  }

  /**
   * Opens one for batches of up to {@code capacity} rows; the caller closes it.
   *
   * @throws io.nightjar.cuda.CudaException if memory is short
   */
  static ScoringStream open(CudaDlrmModel model, int capacity) {
    return Closer.whole(closer -> new ScoringStream(model, capacity, closer));
  }

  /**
   * Has a batch copied in, scored and its results copied out; returns before that is done.
   *
   * @param scale how often the activations' scale is made smaller than the largest
   * @param to gets the results; it and the batch are left alone until the stopwatch's end
   */
  synchronized void score(HostBatch batch, int scale, Results to, Stopwatch stopwatch) {
    copy(batch, stopwatch);
    BagWalk walk = model.walks().of(batch.bags(), () -> timeWalks(batch, stopwatch));
    stopwatch.beginSteps(stream);
    if (pipeline.isRecordable()) {
      graph(new Steps(scale, walk)).launch(stream);
    } else {
      pipeline.launch(stream, factor(scale), walk);
    }
    stopwatch.endSteps(stream);
    to.copy(stream, pipeline);
    stopwatch.end(stream);
  }

  private void copy(HostBatch batch, Stopwatch stopwatch) {
    stopwatch.begin(stream);
    deviceBatch.copy(stream, batch);
  }

  private EnumMap<BagWalk, Double> timeWalks(HostBatch batch, Stopwatch stopwatch) {
    EnumMap<BagWalk, Double> times = pipeline.timeWalks(stream);
    copy(batch, stopwatch); // A bad id was made a good one, and would not be told of again.
    return times;
  }

  /** The steps, recorded when they are first needed. */
  private CudaGraph graph(Steps steps) {
    return graphs.computeIfAbsent(
        steps,
        missing ->
            closer.add(
                CudaGraph.capture(
                    stream,
                    () -> pipeline.launch(stream, factor(missing.scale()), missing.walk()))));
  }

  private float factor(int scale) {
    return Math.scalb(model.format().largestScale(), -SCALE_STEP * scale);
  }

  /** Waits until all batches that it was given are done. */
  synchronized void await() {
    stream.await();
  }

  @Override
  public synchronized void close() {
    try {
      stream.await();
    } finally {
      closer.close();
    }
  }
}
