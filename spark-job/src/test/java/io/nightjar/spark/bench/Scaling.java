package io.nightjar.spark.bench;

import io.nightjar.spark.plan.Turn;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * (b) and (c) on more and more cores, each number of them in a Spark of its own in this process, so
 * that all but the first find the code compiled. The most cores come first, and warm up.
 *
 * @param options of the benchmark
 * @param results take the table
 */
record Scaling(BenchOptions options, Markdown results) {

  void run() throws IOException {
    results.head(
        "set",
        "cores",
        "rows",
        "(b) rows/s",
        "(c) rows/s",
        "(c) of (b)",
        "device memory after (c)");
    List<Integer> cores = options.cores().stream().sorted(Collections.reverseOrder()).toList();
    for (BenchSet set : options.sets()) {
      BenchJob job = new BenchJob(set, options);
      for (int number : cores) {
        measure(job, number, number == cores.get(0));
      }
    }
  }

  private void measure(BenchJob job, int cores, boolean cold) throws IOException {
    // Few cores get fewer rows to read, but all distinct ones.
    int copies = Math.max(1, options.copies() * cores / Collections.max(options.cores()));
    try (SparkSession spark = EndToEnd.spark(cores)) {
      // Each Spark loads the model when it first scores; the first one has nothing compiled yet.
      if (cold) {
        job.run(Turn.DRAIN, copies);
      }
      job.run(Turn.SCORE, cold ? copies : 1);
      BenchJob.Took drained = job.run(Turn.DRAIN, copies);
      BenchJob.Took scored = job.run(Turn.SCORE, copies);
      results.row(
          job.set().name(),
          String.valueOf(spark.sparkContext().defaultParallelism()),
          String.format(Locale.ROOT, "%,d", scored.rows()),
          Turns.millions(drained.rowsPerSecond()),
          Turns.millions(scored.rowsPerSecond()),
          String.format(Locale.ROOT, "%.2f", scored.rowsPerSecond() / drained.rowsPerSecond()),
          MemorySample.deviceInUse().map(MemorySample::mib).orElse(""));
    }
  }
}
