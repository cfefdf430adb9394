package io.nightjar.spark.bench;

import io.nightjar.spark.executor.ScoringPlugin;
import io.nightjar.spark.plan.NightjarExtensions;
import io.nightjar.spark.plan.TurnExtensions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * From Parquet to Parquet: makes the sets and the models that are not there, and measures what it
 * is asked to. Run by {@code spark-submit}; its results are appended to {@code results.md}.
 */
public final class EndToEnd {
  private EndToEnd() {}

  /** Entry point. */
  public static void main(String[] args) throws Exception {
    BenchOptions options = BenchOptions.parse(args);
    Files.createDirectories(options.folder());
    make(options);
    Markdown results = Markdown.in(options.folder());
    switch (options.what()) {
      case MAKE -> writeJobs(options);
      case TURNS -> new Turns(options, results).run();
      case EQUAL -> new Equality(options, results).run();
      case SCALING -> new Scaling(options, results).run();
      case SOAK -> new Soak(options, results).run();
    }
  }

  /** A Spark of so many cores, in this process; whoever asks for it closes it. */
  static SparkSession spark(int cores) {
    // The job takes part in this Spark, and looks here for what it was submitted with.
    System.setProperty("spark.master", "local[" + cores + "]");
    return SparkSession.builder()
        .config("spark.ui.enabled", false)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.plugins", ScoringPlugin.class.getName())
        .config(
            "spark.sql.extensions",
            TurnExtensions.class.getName() + "," + NightjarExtensions.class.getName())
        .getOrCreate();
  }

  private static void make(BenchOptions options) throws IOException {
    long start = System.nanoTime();
    options.model().in(options.folder(), options.tableRows());
    say("model", start);
    List<BenchSet> lacking =
        options.sets().stream()
            .filter(set -> !Files.exists(set.rows(options.folder()).resolve("_SUCCESS")))
            .toList();
    if (lacking.isEmpty()) {
      return;
    }
    try (SparkSession spark = spark(Runtime.getRuntime().availableProcessors())) {
      for (BenchSet set : lacking) {
        start = System.nanoTime();
        set.write(spark, options.folder(), options.rows(), options.tableRows());
        say(set.name() + " set", start);
      }
    }
  }

  /** For those who submit them themselves. */
  private static void writeJobs(BenchOptions options) throws IOException {
    for (BenchSet set : options.sets()) {
      Path config = options.folder().resolve("job-" + set.name() + ".conf");
      Files.writeString(config, new BenchJob(set, options).config());
      System.out.println("Made " + config + " and what it scores");
    }
  }

  private static void say(String what, long since) {
    System.out.printf(
        Locale.ROOT, "%s there after %.1f s%n", what, (System.nanoTime() - since) / 1e9);
  }
}
