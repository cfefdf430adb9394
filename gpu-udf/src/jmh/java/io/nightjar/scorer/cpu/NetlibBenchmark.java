package io.nightjar.scorer.cpu;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A layer's product by netlib's Java, in one thread. In a process of its own: netlib loads the
 * host's BLAS, if it finds one, in such a way that OpenBLAS's calls then end up there.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class NetlibBenchmark {
  private static final int LAYER = BlasBenchmark.LAYER;

  private final BLAS blas = JavaBLAS.getInstance();
  private final float[] weight = new float[LAYER * LAYER];
  private final float[] x = new float[LAYER * Chunk.SIZE];
  private final float[] y = new float[LAYER * Chunk.SIZE];

  @Setup
  public void fill() {
    try (FloatArena arena = new FloatArena()) {
      FloatArray random = ScoringBenchmark.random(arena, LAYER * LAYER);
      random.buffer().get(0, weight);
      random.buffer().get(0, x);
    }
  }

  /** The layer of {@link BlasBenchmark#openBlasLayer}. */
  @Benchmark
  public void netlibJavaLayer() {
    blas.sgemm(
        "N", "N", Chunk.SIZE, LAYER, LAYER, 1, x, Chunk.SIZE, weight, LAYER, 0, y, Chunk.SIZE);
  }
}
