package io.nightjar.spark.bench;

import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.testing.ScoreDifference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * Every distinct row of the sets by the whole job, on the CPU in fp32 and by the backend in each of
 * its precisions, joined by the row's key. Fails where a score is further off than its precision
 * allows, or a row is not there once on both sides.
 *
 * @param options of the benchmark
 * @param results take the table
 */
record Equality(BenchOptions options, Markdown results) {

  void run() throws IOException {
    List<String> bad = new ArrayList<>();
    try (SparkSession spark = EndToEnd.spark(options.cores().get(0))) {
      results.text(
          "Against the CPU backend in fp32, model "
              + options.model().name()
              + ", by a join on `row_id`:");
      results.head(
          "set",
          "precision",
          "rows on both sides",
          "worst \\|Δscore\\|",
          "mean \\|Δscore\\|",
          "worst \\|Δlogit\\|",
          "of the logits' deviation",
          "within the bounds");
      for (BenchSet set : options.sets()) {
        compare(spark, new BenchJob(set, options), bad);
      }
    }
    if (!bad.isEmpty()) {
      throw new IllegalStateException("Cannot call it equal: " + bad);
    }
  }

  private void compare(SparkSession spark, BenchJob job, List<String> bad) throws IOException {
    say(job, "CPU", job.score(BackendChoice.CPU, Precision.FP32, "cpu"));
    List<Precision> precisions =
        options.backend() == BackendChoice.CPU
            ? List.of(Precision.FP32)
            : List.of(Precision.values());
    for (Precision precision : precisions) {
      say(job, precision.name(), job.score(options.backend(), precision, precision.name()));
      long start = System.nanoTime();
      ScoreDifference difference =
          ScoreDifference.between(
              spark.read().parquet(job.output(precision.name()).toString()),
              spark.read().parquet(job.output("cpu").toString()),
              "row_id");
      boolean within = difference.rows() == options.rows() && difference.isWithin(precision);
      results.row(
          job.set().title(),
          precision.name().toLowerCase(Locale.ROOT),
          String.format(Locale.ROOT, "%,d", difference.rows()),
          String.format(Locale.ROOT, "%.1e", difference.worstScore()),
          String.format(Locale.ROOT, "%.1e", difference.meanScore()),
          String.format(Locale.ROOT, "%.1e", difference.worstLogit()),
          String.format(
              Locale.ROOT, "%.2g %%", 100 * difference.worstLogit() / difference.logitDeviation()),
          within ? "yes" : "NO");
      System.out.printf(Locale.ROOT, "  compared in %.1f s%n", (System.nanoTime() - start) / 1e9);
      if (!within) {
        bad.add(job.set().name() + " " + precision + ": " + difference);
      }
    }
  }

  private static void say(BenchJob job, String what, BenchJob.Took took) {
    System.out.printf(
        Locale.ROOT,
        "  %s, %s: %.1f s, %,.0f rows/s%n",
        job.set().name(),
        what,
        took.whole(),
        took.rowsPerSecond());
  }
}
