package io.nightjar.spark.bench;

import io.nightjar.spark.plan.Turn;
import io.nightjar.spark.spec.BackendChoice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;

/**
 * The sets scored over and over in one application, and what memory it has after each run. Fails
 * where the second half of the runs has more than the first, which had time to open all it needs.
 *
 * @param options of the benchmark
 * @param results take the series
 */
record Soak(BenchOptions options, Markdown results) {
  /** Of the runs, that are left out: what is opened and compiled by then stays. */
  private static final double WARM_UP = 0.2;

  /** Growth of a median that is none. */
  private static final double SHARE = 0.05;

  private static final long BYTES = 64L << 20;

  void run() throws IOException {
    List<MemorySample> samples = new ArrayList<>();
    try (SparkSession spark = EndToEnd.spark(options.cores().get(0))) {
      results.text("Soak, " + spark.sparkContext().master() + ":");
      List<String> head = new ArrayList<>(List.of("M rows so far", "set", "rows/s"));
      head.addAll(MemorySample.NAMES);
      results.head(head.toArray(String[]::new));
      long scored = 0;
      for (int run = 0; scored < options.soakRows(); run++) {
        BenchSet set = options.sets().get(run % options.sets().size());
        BenchJob.Took took = new BenchJob(set, options).run(Turn.SCORE, options.copies());
        scored += took.rows();
        MemorySample sample = MemorySample.take(options.backend() != BackendChoice.CPU);
        samples.add(sample);
        List<String> cells =
            new ArrayList<>(
                List.of(
                    String.format(Locale.ROOT, "%.0f", scored / 1e6),
                    set.name(),
                    Turns.millions(took.rowsPerSecond())));
        sample.figures().forEach(bytes -> cells.add(MemorySample.mib(bytes)));
        results.row(cells.toArray(String[]::new));
      }
    }
    List<String> grown = grown(samples);
    results.text(grown.isEmpty() ? "No memory grew." : "GROWN: " + String.join(", ", grown));
    if (!grown.isEmpty()) {
      throw new IllegalStateException("Cannot call it flat: " + grown);
    }
  }

  /** What has grown, from the median of the first half to that of the second. */
  static List<String> grown(List<MemorySample> samples) {
    List<MemorySample> warm = samples.subList((int) (samples.size() * WARM_UP), samples.size());
    List<String> grown = new ArrayList<>();
    for (int i = 0; i < MemorySample.NAMES.size(); i++) {
      double before = median(warm.subList(0, (warm.size() + 1) / 2), i);
      double after = median(warm.subList(warm.size() / 2, warm.size()), i);
      if (after > before * (1 + SHARE) + BYTES) {
        grown.add(
            "%s from %s to %s"
                .formatted(
                    MemorySample.NAMES.get(i),
                    MemorySample.mib((long) before),
                    MemorySample.mib((long) after)));
      }
    }
    return grown;
  }

  private static double median(List<MemorySample> samples, int figure) {
    return Median.of(samples.stream().map(one -> (double) one.figures().get(figure)).toList());
  }
}
