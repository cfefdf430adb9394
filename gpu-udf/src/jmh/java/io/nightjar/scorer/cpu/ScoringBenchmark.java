package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The whole model of 26 tables on one batch, and its matrix products alone on operands of the same
 * sizes, in one thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class ScoringBenchmark {
  static final int BATCH = 4096;

  /** Rows of a table: 26 tables of 10 MB are more than the caches hold. */
  static final int NUM_EMBEDDINGS = 20_000;

  static final DlrmConfig CONFIG = Models.of26Tables(NUM_EMBEDDINGS);
  private static final Path FOLDER =
      Path.of(System.getProperty("java.io.tmpdir"), "nightjar-bench-26x" + NUM_EMBEDDINGS);

  private final FloatArena arena = new FloatArena();
  private CpuDlrmModel model;
  private DlrmScorer scorer;
  private List<Activations> bottomOutputs;
  private List<Activations> topOutputs;
  private Activations dense;
  private Activations inputs;
  private FloatArray vectors;
  private FloatArray pairs;

  @Setup
  public void open() throws IOException {
    if (!Files.exists(FOLDER)) {
      RandomModel.write(CONFIG, 1, FOLDER);
    }
    model = CpuDlrmModel.open(FOLDER);
    scorer = model.newScorer(BATCH);
    samples().fill(scorer.batch(), IntStream.range(0, BATCH).toArray());
    bottomOutputs = outputs(model.bottom());
    topOutputs = outputs(model.top());
    dense = activations(CONFIG.denseFeatures().size(), false);
    inputs = activations(Math.toIntExact(CONFIG.interactionElements()), true);
    vectors = random(arena, CONFIG.vectorElements());
    pairs = arena.allocate((long) CONFIG.vectors() * CONFIG.vectors());
  }

  @TearDown
  public void close() {
    arena.close();
    scorer.close();
    model.close();
  }

  /** One id a feature, skewed as u³. */
  private static Samples samples() {
    SplittableRandom random = new SplittableRandom(2);
    Samples samples = new Samples(CONFIG);
    for (int r = 0; r < BATCH; r++) {
      float[] dense = new float[CONFIG.denseFeatures().size()];
      for (int i = 0; i < dense.length; i++) {
        dense[i] = (float) random.nextDouble();
      }
      int[][] bags = new int[CONFIG.sparseFeatures().size()][1];
      for (int[] bag : bags) {
        bag[0] = (int) (Math.pow(random.nextDouble(), 3) * NUM_EMBEDDINGS);
      }
      samples.add(dense, bags);
    }
    return samples;
  }

  /** Features to scores. */
  @Benchmark
  public void model() {
    scorer.submit();
    scorer.await();
  }

  /** The products of the linear layers alone. */
  @Benchmark
  public void layerProducts() {
    for (int start = 0; start < BATCH; start += Chunk.SAMPLES) {
      multiply(model.bottom(), dense, bottomOutputs);
      multiply(model.top(), inputs, topOutputs);
    }
  }

  private static void multiply(Mlp mlp, Activations inputs, List<Activations> outputs) {
    Activations x = inputs;
    for (int i = 0; i < outputs.size(); i++) {
      mlp.layers().get(i).multiply(x, outputs.get(i).values());
      x = outputs.get(i);
    }
  }

  private List<Activations> outputs(Mlp mlp) {
    return mlp.layers().stream().map(layer -> activations(layer.out(), false)).toList();
  }

  /** The products of each row's vectors alone. */
  @Benchmark
  public void pairProducts() {
    int count = CONFIG.vectors();
    int dim = CONFIG.tableOf(0).embeddingDim();
    for (int r = 0; r < BATCH; r++) {
      Blas.productTransposed(
          count, count, dim, vectors.pointer(), vectors.pointer(), pairs.pointer());
    }
  }

  /** Multiplications and additions of the layers for {@link #BATCH} rows. */
  static double layerFlops() {
    double flops = 0;
    double in = CONFIG.denseFeatures().size();
    for (int out : CONFIG.bottomMlp()) {
      flops += 2 * in * out;
      in = out;
    }
    in = CONFIG.interactionElements();
    for (int out : CONFIG.topMlp()) {
      flops += 2 * in * out;
      in = out;
    }
    return flops * BATCH;
  }

  private Activations activations(int features, boolean byRow) {
    return new Activations(random(arena, (long) features * Chunk.SIZE), features, byRow);
  }

  static FloatArray random(FloatArena arena, long length) {
    SplittableRandom random = new SplittableRandom(length);
    FloatArray values = arena.allocate(length);
    for (int i = 0; i < length; i++) {
      values.buffer().put(i, (float) (random.nextDouble() - 0.5));
    }
    return values;
  }
}
