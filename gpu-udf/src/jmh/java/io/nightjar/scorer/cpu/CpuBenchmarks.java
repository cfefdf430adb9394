package io.nightjar.scorer.cpu;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks of the CPU backend and prints the table of docs/benchmarks.md.
 *
 * <p>They run in rounds, one after another in each, so that whatever else the machine does meets
 * all of them. The ratios are of the fastest rounds, which were disturbed least.
 */
public final class CpuBenchmarks {
  private static final int ROUNDS = 5;

  private CpuBenchmarks() {}

  public static void main(String[] args) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include("io\\.nightjar\\.scorer\\.cpu\\..*Benchmark\\..*")
            .forks(1)
            .warmupIterations(2)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(3)
            .measurementTime(TimeValue.seconds(1))
            .jvmArgs("-Xmx1g")
            .build();
    Map<String, List<Double>> rounds = new TreeMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (RunResult result : new Runner(options).run()) {
        rounds
            .computeIfAbsent(result.getPrimaryResult().getLabel(), label -> new ArrayList<>())
            .add(result.getPrimaryResult().getScore());
      }
    }
    print(rounds);
  }

  private static void print(Map<String, List<Double>> rounds) {
    System.out.printf(Locale.ROOT, "%s, %d rounds%n", LocalDate.now(ZoneOffset.UTC), ROUNDS);
    double large = 2 * Math.pow(BlasBenchmark.LARGE, 3);
    double layer = 2.0 * BlasBenchmark.LAYER * BlasBenchmark.LAYER * Chunk.SIZE;
    row("one large product, OpenBLAS", rounds.get("openBlasLarge"), large);
    row("a layer's product, OpenBLAS", rounds.get("openBlasLayer"), layer);
    row("a layer's product, netlib's Java", rounds.get("netlibJavaLayer"), layer);
    row("products of the layers", rounds.get("layerProducts"), ScoringBenchmark.layerFlops());
    row("products of the pairs", rounds.get("pairProducts"), pairFlops());
    row("whole model", rounds.get("model"), ScoringBenchmark.layerFlops() + pairFlops());
    double layers = Collections.min(rounds.get("layerProducts"));
    double products = layers + Collections.min(rounds.get("pairProducts"));
    double model = Collections.min(rounds.get("model"));
    double ceiling = large / Collections.min(rounds.get("openBlasLarge"));
    System.out.printf(
        Locale.ROOT,
        "products of the layers / large product: %.2f; model / products: %.2f; rows/s: %,.0f%n",
        ScoringBenchmark.layerFlops() / layers / ceiling,
        model / products,
        ScoringBenchmark.BATCH / model * 1e3);
  }

  /** Only what the top MLP takes: each pair once. */
  private static double pairFlops() {
    double vectors = ScoringBenchmark.CONFIG.vectors();
    double pairs = vectors * (vectors - 1) / 2;
    return 2 * pairs * ScoringBenchmark.CONFIG.tableOf(0).embeddingDim() * ScoringBenchmark.BATCH;
  }

  private static void row(String what, List<Double> milliseconds, double flops) {
    double[] sorted = milliseconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f | %.1f |%n",
        what,
        sorted[0],
        sorted[sorted.length / 2],
        sorted[sorted.length - 1],
        flops / sorted[0] / 1e6);
  }
}
