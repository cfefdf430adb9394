package io.nightjar.spark.executor;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link FillingBenchmark} in rounds, one after another in each, so that whatever else the
 * machine does meets all parts, and prints the least that a part took: many short iterations, of
 * which the fastest was disturbed least.
 */
public final class FillingBenchmarks {
  private static final int ROUNDS = 3;

  private FillingBenchmarks() {}

  public static void main(String[] args) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(FillingBenchmark.class.getName())
            .param("kind", "FLAT", "FLAT_OTHER_WAY", "MULTI_HOT")
            .forks(1)
            .warmupIterations(10)
            .warmupTime(TimeValue.milliseconds(200))
            .measurementIterations(20)
            .measurementTime(TimeValue.milliseconds(100))
            .build();
    Map<String, Double> least = new TreeMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (RunResult result : new Runner(options).run()) {
        String part =
            result.getParams().getParam("kind") + " | " + result.getPrimaryResult().getLabel();
        least.merge(part, least(result), Math::min);
      }
    }
    System.out.printf(Locale.ROOT, "%s, %d rounds%n", LocalDate.now(ZoneOffset.UTC), ROUNDS);
    least.forEach(
        (part, nanos) -> System.out.printf(Locale.ROOT, "| %s | %.1f |%n", part, nanos));
  }

  private static double least(RunResult result) {
    return result.getBenchmarkResults().stream()
        .flatMap(fork -> fork.getIterationResults().stream())
        .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
        .min()
        .orElseThrow();
  }
}
