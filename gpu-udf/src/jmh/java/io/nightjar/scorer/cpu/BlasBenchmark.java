package io.nightjar.scorer.cpu;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What OpenBLAS gives for products of which each is one call, in one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class BlasBenchmark {
  static final int LARGE = 2048;
  static final int LAYER = 1024;

  private final FloatArena arena = new FloatArena();
  private FloatArray a;
  private FloatArray b;
  private FloatArray c;

  @Setup
  public void fill() {
    a = ScoringBenchmark.random(arena, LARGE * LARGE);
    b = ScoringBenchmark.random(arena, LARGE * LARGE);
    c = arena.allocate(LARGE * LARGE);
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /** The ceiling: one product of 2048 x 2048 by 2048 x 2048. */
  @Benchmark
  public void openBlasLarge() {
    Blas.product(
        LARGE, LARGE, LARGE, a.pointer(), b.pointer(), c.pointer());
  }

  /** A layer of 1,024 inputs and outputs on a chunk, by OpenBLAS. */
  @Benchmark
  public void openBlasLayer() {
    Blas.product(
        LAYER, Chunk.SIZE, LAYER, a.pointer(), b.pointer(), c.pointer());
  }
}
