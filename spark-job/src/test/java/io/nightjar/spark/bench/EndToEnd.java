package io.nightjar.spark.bench;

import static org.apache.spark.sql.functions.col;

import com.sun.management.OperatingSystemMXBean;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.executor.Drain;
import io.nightjar.spark.output.NumbersFormat;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.ScoreDifference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * From Parquet to Parquet, in turns: (a) scan and discard, (b) read every value and write what
 * scoring would write, (c) score. Run by {@code spark-submit}.
 */
public final class EndToEnd {
  /** Rows that both backends score, to be compared. */
  private static final long COMPARED = 100_000;

  private final SparkSession spark = SparkSession.builder().getOrCreate();
  private final Path folder;
  private final int copies;
  private final ScoringSpec spec;

  private EndToEnd(Path folder, int copies, ScoringSpec spec) {
    this.folder = folder;
    this.copies = copies;
    this.spec = spec;
  }

  /**
   * Entry point.
   *
   * @param args folder with a model, distinct rows, how often they are read, rows of a table,
   *     rounds, backend, precision
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).toAbsolutePath();
    long rows = Long.parseLong(args[1]);
    int copies = Integer.parseInt(args[2]);
    int tableRows = Integer.parseInt(args[3]);
    int rounds = Integer.parseInt(args[4]);
    BackendChoice backend = BackendChoice.valueOf(args[5].toUpperCase(Locale.ROOT));
    Precision precision = Precision.valueOf(args[6].toUpperCase(Locale.ROOT));
    ScoringSpec spec =
        FlatSet.spec(folder.resolve("model").toString(), backend, precision, tableRows);
    EndToEnd bench = new EndToEnd(folder, copies, spec);
    Path input = folder.resolve("flat");
    if (!Files.exists(input.resolve("_SUCCESS"))) {
      long start = System.nanoTime();
      FlatSet.write(bench.spark, rows, tableRows, input.toString());
      System.out.printf(
          Locale.ROOT, "made %,d rows in %.1f s%n", rows, (System.nanoTime() - start) / 1e9);
    }
    bench.run(rows * copies, rounds);
    if (backend == BackendChoice.CUDA) {
      bench.compare();
    }
    bench.spark.stop();
  }

  private void run(long rows, int rounds) throws Exception {
    Map<String, Runnable> steps = new LinkedHashMap<>();
    steps.put("a scan and discard", this::scan);
    steps.put("b read all, write", () -> write(Drain.of(input(copies), "row_id")));
    steps.put("c score", () -> write(scored()));
    System.out.println("(b) reads " + schemaRead(Drain.columnar(input(copies)).toString()));
    System.out.println("(c) reads " + schemaRead(Drain.columnar(scored()).toString()));
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    steps.keySet().forEach(name -> rates.put(name, new ArrayList<>()));
    Path profile = folder.resolve("score.jfr");
    try (Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.disable("jdk.ObjectAllocationSample");
      for (int round = 0; round <= rounds; round++) {
        List<String> names = new ArrayList<>(steps.keySet());
        if (round % 2 == 1) {
          Collections.reverse(names);
        }
        if (round == rounds) {
          recording.start();
        }
        for (String name : names) {
          double rate = time(name, rows, steps.get(name));
          // The first round warms up, the last one is profiled.
          if (round > 0 && round < rounds) {
            rates.get(name).add(rate);
          }
        }
      }
      recording.dump(profile);
    }
    double yardstick = median(rates.get("b read all, write"));
    rates.forEach(
        (name, all) ->
            System.out.printf(
                Locale.ROOT,
                "%-20s %,14.0f rows/s (%,.0f to %,.0f), %.2f of (b)%n",
                name,
                median(all),
                Collections.min(all),
                Collections.max(all),
                median(all) / yardstick));
    HotMethods.print(profile, 40);
  }

  private double time(String name, long rows, Runnable step) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    step.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "  %-20s %6.2f s %,14.0f rows/s %8.0f CPU ns/row%n",
        name,
        seconds,
        rows / seconds,
        (double) (system.getProcessCpuTime() - cpu) / rows);
    return rows / seconds;
  }

  private Dataset<Row> input(int times) {
    try {
      return FlatSet.read(spark, folder.resolve("flat").toString(), times);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Dataset<Row> scored() {
    return Nightjar.score(input(copies), spec).select("row_id", spec.scoreColumn());
  }

  private void scan() {
    long rows =
        Drain.columnar(input(copies))
            .executeColumnar()
            .toJavaRDD()
            .mapPartitions(
                batches -> {
                  long count = 0;
                  while (batches.hasNext()) {
                    count += batches.next().numRows();
                  }
                  return List.of(count).iterator();
                })
            .reduce(Long::sum);
    if (rows == 0) {
      throw new IllegalStateException("Cannot scan: no rows");
    }
  }

  private void write(Dataset<Row> table) {
    table
        .write()
        .mode(SaveMode.Overwrite)
        // As the job writes.
        .format(NumbersFormat.NAME)
        .option("compression", "zstd")
        .save(folder.resolve("out").toString());
  }

  private static String schemaRead(String plan) {
    int at = plan.indexOf("ReadSchema: ");
    return at < 0 ? plan : plan.substring(at).lines().findFirst().orElseThrow();
  }

  private void compare() {
    Dataset<Row> some = input(1).where(col("row_id").lt(COMPARED));
    ScoringSpec logits = spec.withLogitColumn("logit");
    Dataset<Row> cpu =
        Nightjar.score(some, logits.withBackend(BackendChoice.CPU).withPrecision(Precision.FP32));
    System.out.println(
        "against the CPU backend: "
            + ScoreDifference.between(
                Nightjar.score(some, logits).select("row_id", "score", "logit"),
                cpu.select("row_id", "score", "logit"),
                "row_id"));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
