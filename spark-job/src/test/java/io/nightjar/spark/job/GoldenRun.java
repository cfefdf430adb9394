package io.nightjar.spark.job;

import io.nightjar.golden.Golden;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.ScoreDifference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * A golden scored by the whole job, from Parquet to Parquet, and compared with what PyTorch gave in
 * float64.
 *
 * @param name of the golden
 * @param precision arithmetic of the matrix products
 * @param difference from PyTorch
 */
public record GoldenRun(String name, Precision precision, ScoreDifference difference) {

  /**
   * Scores every golden in every precision of a backend, prints a table, and ends the process with
   * 1 where a score is too far off: for hosts where the tests' own tools are not.
   */
  public static void main(String[] args) throws IOException {
    Backend backend = Backend.valueOf(args[0].toUpperCase(Locale.ROOT));
    System.out.printf(
        "%-22s %-9s %5s  %-13s %-13s %-17s %s%n",
        "golden on " + args[0],
        "precision",
        "rows",
        "max |Δscore|",
        "mean |Δscore|",
        "max |Δlogit|/σ",
        "within the bounds");
    List<GoldenRun> bad = new ArrayList<>();
    for (String name : Golden.NAMES) {
      for (Precision precision : Precision.values()) {
        if (backend == Backend.CUDA || precision == Precision.FP32) {
          Path folder = Files.createTempDirectory("nightjar-golden-");
          GoldenRun run = of(name, backend, precision, folder);
          System.out.println(run);
          if (!run.isWithin()) {
            bad.add(run);
          }
        }
      }
    }
    System.out.println(bad.isEmpty() ? "Every golden is within the bounds" : "TOO FAR OFF: " + bad);
    System.exit(bad.isEmpty() ? 0 : 1);
  }

  /** Scores golden {@code name} below an empty folder. */
  static GoldenRun of(String name, Backend backend, Precision precision, Path folder)
      throws IOException {
    Golden golden = Golden.copy(name, folder);
    Path conf = folder.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          backend = %s, precision = %s
          input { examples = "%s" }
          output {
            path = scores, keep-columns = [row_id], logit-column = logit
            partition-by-run-date = false
          }
        }
        """
            .formatted(
                golden.folder(),
                backend.name().toLowerCase(Locale.ROOT),
                precision.name().toLowerCase(Locale.ROOT),
                golden.examples()));
    JobRun run = JobRun.of("score", "--config", conf.toString());
    if (run.exit() != ExitCode.OK) {
      throw new IllegalStateException("Cannot score golden " + name + ": " + run.err());
    }
    SparkSession spark = LocalSpark.session();
    return new GoldenRun(
        name,
        precision,
        ScoreDifference.between(
            spark.read().parquet(folder.resolve("scores").toString()),
            spark.read().parquet(golden.expected().toString()),
            "row_id"));
  }

  /** Whether every score is as close as its precision promises. */
  boolean isWithin() {
    return difference.isWithin(precision);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-22s %-9s %5d  %-13.2e %-13.2e %-17.2e %s",
        name,
        precision.name().toLowerCase(Locale.ROOT),
        difference.rows(),
        difference.worstScore(),
        difference.meanScore(),
        difference.worstLogit() / difference.logitDeviation(),
        isWithin() ? "yes" : "NO");
  }
}
