package io.nightjar.spark.job;

import io.nightjar.spark.testing.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.SparkConf;

/**
 * What a run of the job in this process did.
 *
 * @param exit how it ended
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record JobRun(ExitCode exit, String out, String err) {

  /** Runs the job as {@code spark-submit} would in local mode. */
  static JobRun of(String... args) {
    return of(new SparkConf(false).set("spark.master", "local[2]"), args);
  }

  /** Runs the job as {@code spark-submit} would with {@code submitted}. */
  static JobRun of(SparkConf submitted, String... args) {
    LocalSpark.session();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    ExitCode exit =
        new ScoringJob(
                submitted,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8))
            .run(args);
    return new JobRun(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
