package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaGraph;
import io.nightjar.cuda.CudaStream;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.BatchCost;
import io.nightjar.scorer.DlrmScorer;
import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Scores batches in a stream of its own. The steps are recorded once and launched as a whole; batch
 * and results lie in pinned memory.
 *
 * <p>Activations are scaled into the range of fp16. Where one is too large for the scale, the whole
 * of its row comes out as NaN and no other row does; such a batch is scored again with smaller
 * scales, and NaN rows take the result of the first scale that gives one. So which scale a row gets
 * depends on that row alone.
 */
final class CudaDlrmScorer implements DlrmScorer {
  /** Exponents between one scale and the next: those of fp16's range above its precision. */
  private static final int SCALE_STEP = 16;

  /** With the smallest scale, 2^-96 or 2^-90, an activation may be 8e31 or more. */
  private static final int SCALES = 7;

  private final CudaDlrmModel model;
  private final Closer closer;
  private final CudaStream stream;
  private final Stopwatch stopwatch;
  private final FeatureBatch batch;
  private final DeviceBatch deviceBatch;
  private final Pipeline pipeline;
  private final Map<Steps, CudaGraph> graphs = new HashMap<>();
  private final Results results;
  private final Results rescored;
  private BagWalk walk = BagWalk.SHORT;
  private BatchCost cost = BatchCost.NONE;
  private boolean submitted;
  private boolean closed;

  /**
   * What recorded steps differ in.
   *
   * @param scale how often the activations' scale was made smaller
   * @param walk how bags are pooled
   */
  private record Steps(int scale, BagWalk walk) {}

  private CudaDlrmScorer(CudaDlrmModel model, int capacity, Closer closer) {
    this.model = model;
    this.closer = closer;
    DlrmConfig config = model.config();
    CudaContext context = model.context();
    this.batch =
        closer.add(
            new FeatureBatch(
                config.denseFeatures().size(),
                config.numEmbeddings(),
                capacity,
                context.pinnedMemory()));
    this.stream = closer.add(CudaStream.open(context));
    this.stopwatch = new Stopwatch(context, stream, model.clock(), closer);
    Scratch scratch = new Scratch(context, stream, closer);
    this.deviceBatch =
        new DeviceBatch(config, model.weights().tables(), model.format(), batch, scratch);
    this.pipeline = new Pipeline(model, deviceBatch, capacity, scratch);
    this.results = new Results(capacity, scratch);
    this.rescored = new Results(capacity, scratch);
    if (pipeline.isRecordable()) {
      graph(new Steps(0, walk));
    }
    stream.await();
  }

  /**
   * Opens a scorer; the caller closes it.
   *
   * @throws io.nightjar.cuda.CudaException if memory is short
   */
  static CudaDlrmScorer open(CudaDlrmModel model, int capacity) {
    return Closer.whole(closer -> new CudaDlrmScorer(model, capacity, closer));
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
    results.rows(batch.rows());
    cost = BatchCost.NONE;
    if (batch.rows() == 0) {
      return;
    }
    copy();
    walk = model.walks().of(deviceBatch.bags(), this::timeWalks);
    launch(0, results);
    submitted = true;
  }

  private void copy() {
    stopwatch.begin();
    deviceBatch.copy(stream, batch);
  }

  private EnumMap<BagWalk, Double> timeWalks() {
    EnumMap<BagWalk, Double> times = pipeline.timeWalks(stream);
    copy(); // A bad id was made a good one, and would not be told of again.
    return times;
  }

  @Override
  public void await() {
    if (!submitted) {
      return;
    }
    submitted = false;
    stopwatch.await();
    if (results.fault() != -1) {
      throw deviceBatch.fault(batch, results.fault());
    }
    if (results.overflowed()) {
      rescore();
    }
    cost = stopwatch.cost();
  }

  private void rescore() {
    rescored.rows(batch.rows());
    int scale = 0;
    do {
      launch(++scale, rescored);
      stopwatch.await();
      results.replaceNan(rescored);
    } while (rescored.overflowed() && scale + 1 < SCALES);
  }

  private void launch(int scale, Results to) {
    stopwatch.beginSteps();
    if (pipeline.isRecordable()) {
      graph(new Steps(scale, walk)).launch(stream);
    } else {
      pipeline.launch(stream, factor(scale), walk);
    }
    stopwatch.endSteps();
    to.copy(stream, pipeline);
    stopwatch.end();
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
    return cost;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      stream.await();
    } finally {
      try {
        closer.close();
      } finally {
        model.scorers().closed();
      }
    }
  }
}
