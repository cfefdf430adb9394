package io.nightjar.spark.bench;

import com.sun.management.OperatingSystemMXBean;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.gates.Gate;
import io.nightjar.spark.job.ScoringJob;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.plan.Turn;
import io.nightjar.spark.spec.BackendChoice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * The job as a user has it, config file and all, in this process: reads, joins, scores, publishes.
 *
 * @param set what it scores
 * @param options of the benchmark
 */
record BenchJob(BenchSet set, BenchOptions options) {

  /**
   * What a run took.
   *
   * @param rows that it scored
   * @param scoring seconds of reading, joining, scoring and writing: the stage that grows with rows
   * @param whole seconds from the command line to its end
   * @param cpuNanos of this process meanwhile
   */
  record Took(long rows, double scoring, double whole, long cpuNanos) {

    double rowsPerSecond() {
      return rows / scoring;
    }

    double cpuNanosPerRow() {
      return (double) cpuNanos / rows;
    }
  }

  /** Runs it in a turn, over every row so many times; the last run held against is alike. */
  Took run(Turn turn, int copies) throws IOException {
    return run(
        turn, copies, options.backend(), options.precision(), output(turn.name() + "-x" + copies));
  }

  /** The job's config, for whoever submits it. */
  String config() throws IOException {
    return config(options.copies(), options.backend(), options.precision(), output("submitted"));
  }

  /** Scores every row once, with logits, to {@link #output}. */
  Took score(BackendChoice backend, Precision precision, String output) throws IOException {
    return run(
        Turn.SCORE, 1, backend, precision, output(output), "-D", "output.logit-column=logit");
  }

  /** Where scores of that name go. */
  Path output(String name) {
    return options
        .folder()
        .resolve("out")
        .resolve(set.name())
        .resolve(name.toLowerCase(Locale.ROOT));
  }

  private Took run(
      Turn turn,
      int copies,
      BackendChoice backend,
      Precision precision,
      Path output,
      String... more)
      throws IOException {
    Path config = output.resolveSibling(output.getFileName() + ".conf");
    Files.createDirectories(config.getParent());
    Files.writeString(config, config(copies, backend, precision, output));
    List<String> args = new ArrayList<>(List.of("score", "--config", config.toString(), "--force"));
    args.addAll(List.of(more));
    if (turn != Turn.SCORE) {
      // Nothing was scored: there is nothing to hold against the gates.
      for (Gate gate : Gate.values()) {
        args.addAll(List.of("-D", "gates." + gate.key() + "=off"));
      }
      args.addAll(List.of("-D", "output.allow-empty=true"));
    }
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    turn.begin();
    ScoringJob.main(args.toArray(String[]::new));
    double whole = (System.nanoTime() - start) / 1e9;
    long used = system.getProcessCpuTime() - cpu;
    return new Took(options.rows() * copies, scoring(output), whole, used);
  }

  private static double scoring(Path output) throws IOException {
    Configuration hadoop = new Configuration();
    Manifest manifest =
        ManifestFile.read(
                FileSystem.getLocal(hadoop), new org.apache.hadoop.fs.Path(output.toString()))
            .orElseThrow();
    return manifest.stages().stream()
        .filter(stage -> stage.name().equals("score"))
        .findFirst()
        .orElseThrow()
        .seconds();
  }

  private String config(int copies, BackendChoice backend, Precision precision, Path output)
      throws IOException {
    StringBuilder features = new StringBuilder();
    for (int i = 0; i < BenchSet.DENSE; i++) {
      features.append(
          "    d%d = { column = I%d, null = 0.0, transform = log1p }\n".formatted(i, i + 1));
    }
    for (int i = 0; i < BenchSet.SPARSE; i++) {
      features.append(
          "    s%d = { column = C%d, hash-mod = %d }\n".formatted(i, i + 1, options.tableRows()));
    }
    return """
    nightjar {
      model = "%s"
      backend = %s
      precision = %s
      input {
        %s
      }
      features {
    %s  }
      output { path = "%s", keep-columns = [row_id], partition-by-run-date = false }
    }
    """
        .formatted(
            options.model().in(options.folder(), options.tableRows()),
            backend.name().toLowerCase(Locale.ROOT),
            precision.name().toLowerCase(Locale.ROOT),
            set.input(options.folder(), driving(copies)),
            features,
            output);
  }

  /** The folder of the set's rows, or one of links that has each of its files so many times. */
  Path driving(int copies) throws IOException {
    Path once = set.rows(options.folder());
    if (copies == 1) {
      return once;
    }
    Path many = once.resolveSibling(once.getFileName() + "-x" + copies);
    if (!Files.exists(many)) {
      Files.createDirectories(many);
      try (Stream<Path> files = Files.list(once)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = file.getFileName().toString();
          for (int copy = 0; copy < copies && name.endsWith(".parquet"); copy++) {
            Files.createLink(many.resolve("copy" + copy + "-" + name), file);
          }
        }
      }
    }
    return many;
  }
}
