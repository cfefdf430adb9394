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
import org.openjdk.jmh.annotations.TearDown;

/** The same products by the libraries that could make them, in one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class BlasBenchmark {
  static final int LARGE = 2048;
  static final int LAYER = 1024;

  private final BLAS java = JavaBLAS.getInstance();
  private final float[] a = new float[LARGE * LARGE];
  private final float[] b = new float[LARGE * LARGE];
  private final float[] c = new float[LARGE * LARGE];
  private FloatArray nativeA;
  private FloatArray nativeB;
  private FloatArray nativeC;

  @Setup
  public void fill() {
    nativeA = ScoringBenchmark.random(LARGE * LARGE);
    nativeB = ScoringBenchmark.random(LARGE * LARGE);
    nativeC = new FloatArray(LARGE * LARGE);
    nativeA.buffer().get(0, a);
    nativeB.buffer().get(0, b);
  }

  @TearDown
  public void close() {
    nativeA.close();
    nativeB.close();
    nativeC.close();
  }

  /** The ceiling: one product of 2048 x 2048 by 2048 x 2048. */
  @Benchmark
  public void openBlasLarge() {
    Blas.product(
        LARGE, LARGE, LARGE, nativeA.pointer(), nativeB.pointer(), nativeC.pointer());
  }

  /** A layer of 1,024 inputs and outputs on a chunk, by OpenBLAS. */
  @Benchmark
  public void openBlasLayer() {
    Blas.product(
        LAYER, Chunk.SIZE, LAYER, nativeA.pointer(), nativeB.pointer(), nativeC.pointer());
  }

  /** The same layer by netlib's Java. */
  @Benchmark
  public void netlibJavaLayer() {
    java.sgemm(
        "N", "N", Chunk.SIZE, LAYER, LAYER, 1, b, Chunk.SIZE, a, LAYER, 0, c, Chunk.SIZE);
  }
}
