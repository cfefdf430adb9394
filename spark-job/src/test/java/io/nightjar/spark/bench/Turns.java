package io.nightjar.spark.bench;

import io.nightjar.spark.plan.Turn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.apache.spark.sql.SparkSession;

/**
 * Four jobs over the same rows, in turns, forwards and backwards: (a) scan and discard, (b) read
 * every value and write what scoring writes, (c) score, (d) the script that people write.
 *
 * @param options of the benchmark
 * @param results take the table
 */
record Turns(BenchOptions options, Markdown results) {
  private static final Map<Turn, String> NAMES =
      Map.of(
          Turn.SCAN, "(a) scan and discard",
          Turn.DRAIN, "(b) read all, write",
          Turn.SCORE, "(c) score");

  private static final String SCRIPT = "(d) pyarrow, PyTorch";

  /** Something that is run once a round. */
  private interface Step {
    BenchJob.Took run() throws IOException;
  }

  void run() throws Exception {
    try (SparkSession spark = EndToEnd.spark(options.cores().get(0))) {
      results.text(
          String.format(
              Locale.ROOT,
              "%s, %,d rows %d times, tables of %,d rows, %s, %s",
              spark.sparkContext().master(),
              options.rows(),
              options.copies(),
              options.tableRows(),
              options.backend(),
              options.precision()));
      results.head(
          "set", "", "rows/s", "of (b)", "in so many turns", "CPU ns a row", "of (d)", "whole job");
      for (BenchSet set : options.sets()) {
        run(new BenchJob(set, options));
      }
    }
  }

  private void run(BenchJob job) throws Exception {
    Map<String, Step> steps = new LinkedHashMap<>();
    for (Turn turn : Turn.values()) {
      turn.schemas().clear();
      steps.put(NAMES.get(turn), () -> job.run(turn, options.copies()));
    }
    if (!options.baseline()) {
      report(job, measure(steps));
    } else {
      try (Baseline baseline = new Baseline(job, job.driving(options.copies()))) {
        steps.put(SCRIPT, baseline::turn);
        report(job, measure(steps));
      }
    }
    if (options.profile()) {
      profile(job);
    }
  }

  private Map<String, List<BenchJob.Took>> measure(Map<String, Step> steps) throws IOException {
    Map<String, List<BenchJob.Took>> measured = new LinkedHashMap<>();
    steps.keySet().forEach(name -> measured.put(name, new ArrayList<>()));
    for (int round = 0; round <= options.rounds(); round++) {
      List<String> names = new ArrayList<>(steps.keySet());
      if (round % 2 == 1) {
        Collections.reverse(names);
      }
      for (String name : names) {
        BenchJob.Took took = steps.get(name).run();
        System.out.printf(
            Locale.ROOT,
            "  %d %-22s %6.2f s of %6.2f s %,14.0f rows/s %8.0f CPU ns/row%n",
            round,
            name,
            took.scoring(),
            took.whole(),
            took.rowsPerSecond(),
            took.cpuNanosPerRow());
        // The first round warms up.
        if (round > 0) {
          measured.get(name).add(took);
        }
      }
    }
    checkSchemas();
    return measured;
  }

  /** Who reads less is no yardstick. */
  private static void checkSchemas() {
    System.out.println("(b) and (c) read " + Turn.SCORE.schemas());
    if (!Turn.DRAIN.schemas().equals(Turn.SCORE.schemas())) {
      throw new IllegalStateException(
          "Cannot compare: (b) reads "
              + Turn.DRAIN.schemas()
              + ", (c) reads "
              + Turn.SCORE.schemas());
    }
  }

  private void report(BenchJob job, Map<String, List<BenchJob.Took>> measured) throws IOException {
    double yardstick = rate(measured.get(NAMES.get(Turn.DRAIN)));
    double script = measured.containsKey(SCRIPT) ? rate(measured.get(SCRIPT)) : Double.NaN;
    for (Map.Entry<String, List<BenchJob.Took>> step : measured.entrySet()) {
      List<BenchJob.Took> turns = step.getValue();
      double rate = rate(turns);
      List<Double> rates = turns.stream().map(BenchJob.Took::rowsPerSecond).toList();
      double cpu = Median.of(turns.stream().map(BenchJob.Took::cpuNanosPerRow).toList());
      results.row(
          job.set().title(),
          step.getKey(),
          millions(rate),
          String.format(Locale.ROOT, "%.2f", rate / yardstick),
          "%d: %s to %s"
              .formatted(
                  rates.size(), millions(Collections.min(rates)), millions(Collections.max(rates))),
          cpu == 0 ? "" : String.format(Locale.ROOT, "%.0f", cpu),
          Double.isNaN(script) ? "" : String.format(Locale.ROOT, "%.2f", rate / script),
          String.format(
              Locale.ROOT, "%.2f s", Median.of(turns.stream().map(BenchJob.Took::whole).toList())));
    }
  }

  private static double rate(List<BenchJob.Took> turns) {
    return Median.of(turns.stream().map(BenchJob.Took::rowsPerSecond).toList());
  }

  static String millions(double rowsPerSecond) {
    return String.format(Locale.ROOT, "%.2f M", rowsPerSecond / 1e6);
  }

  /** One more turn of (c), recorded. */
  private void profile(BenchJob job) throws Exception {
    Path file = options.folder().resolve(job.set().name() + ".jfr");
    try (Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.disable("jdk.ObjectAllocationSample");
      recording.start();
      job.run(Turn.SCORE, options.copies());
      recording.dump(file);
    }
    HotMethods.print(file, 25);
  }
}
