package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.testing.Goldens;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What whole submissions leave for those who watch them: manifest, report, status, figures in a
 * sink of Spark's metrics system, and what OpenLineage's own listener sees.
 */
class ITRecords {
  private static final String DAY = "2026-11-23";
  private static final Path OPEN_LINEAGE = Path.of("target", "openlineage.jar").toAbsolutePath();

  @TempDir Path folder;
  private SparkHome spark;

  @BeforeEach
  void write() throws IOException {
    spark = SparkHome.link(Files.createDirectories(folder.resolve("spark")));
    Files.createDirectory(folder.resolve("metrics"));
    Goldens.writeJob(folder.resolve("job.conf"));
  }

  @Test
  void aRunThatPublishes() throws Exception {
    SparkHome.Ended run = score();
    assertThat(run.exit()).as(run.err()).isZero();

    Path published = folder.resolve("out/run_date=" + DAY);
    JsonNode manifest = new ObjectMapper().readTree(published.resolve("_MANIFEST.json").toFile());
    assertThat(manifest.at("/exit/state").asText()).isEqualTo("published");
    assertThat(manifest.at("/output/rows").asLong()).isEqualTo(257);
    assertThat(Files.readString(published.resolve("_REPORT.html"))).contains("✓ published");
    SparkHome.Ended status = status();
    assertThat(status.exit()).isZero();
    assertThat(status.out())
        .startsWith("Run " + manifest.at("/run/id").asText())
        .contains(": published, exit code 0\n");

    assertThat(figure("rows_scored")).isEqualTo(257);
    assertThat(figure("run_published")).isEqualTo(1);
    // In local mode the driver is the executor, too.
    assertThat(figure("rows")).isEqualTo(257);
    assertThat(figure("batches")).isPositive();

    assertThat(datasets("inputs"))
        .contains(Goldens.folder("dlrm-dot-onehot").resolve("examples.parquet").toString());
    assertThat(datasets("outputs")).containsExactly(folder + "/.nightjar/out");
  }

  @Test
  void aRunThatFails() throws Exception {
    SparkHome.Ended run =
        score("-D", "bad-rows=drop", "-D", "features.d0.sql=if(row_id < 5, null, d0)");
    assertThat(run.exit()).as(run.err()).isEqualTo(6);

    assertThat(folder.resolve("out")).doesNotExist();
    SparkHome.Ended status = status();
    assertThat(status.exit()).isEqualTo(6);
    assertThat(status.out())
        .contains(": failed, exit code 6\n", "Cannot publish: 5 of 257 rows are bad");
    Path manifest = manifestOf(status.out());
    assertThat(manifest).startsWith(folder.resolve(".nightjar/out/" + DAY));
    assertThat(new ObjectMapper().readTree(manifest.toFile()).at("/exit/code").asInt())
        .isEqualTo(6);
    assertThat(Files.readString(manifest.resolveSibling("_REPORT.html")))
        .contains("✗ failed, exit code 6");

    assertThat(figure("run_published")).isZero();
    assertThat(figure("run_exit_code")).isEqualTo(6);
    assertThat(figure("rows_bad")).isEqualTo(5);
  }

  private SparkHome.Ended score(String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("--master", "local[2]"));
    args.addAll(List.of("--jars", OPEN_LINEAGE.toString()));
    for (String setting :
        List.of(
            "spark.ui.enabled=false",
            "spark.metrics.conf.*.sink.csv.class=org.apache.spark.metrics.sink.CsvSink",
            "spark.metrics.conf.*.sink.csv.directory=" + folder.resolve("metrics"),
            "spark.extraListeners=io.openlineage.spark.agent.OpenLineageSparkListener",
            "spark.openlineage.transport.type=file",
            "spark.openlineage.transport.location=" + folder.resolve("lineage.jsonl"),
            // As docs/operations.md has it: without what names the run.
            "spark.openlineage.dataset.removePath.pattern=" + documentedPattern())) {
      args.addAll(List.of("--conf", setting));
    }
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(command("score"));
    args.addAll(List.of(more));
    return spark.submit(args);
  }

  private SparkHome.Ended status() throws Exception {
    List<String> args = new ArrayList<>(List.of("--master", "local[1]"));
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(command("status"));
    return spark.submit(args);
  }

  private List<String> command(String verb) {
    String config = folder.resolve("job.conf").toString();
    return List.of(verb, "--config", config, "--run-date", DAY);
  }

  private static String documentedPattern() throws IOException {
    String prefix = "spark.openlineage.dataset.removePath.pattern=";
    return Files.readAllLines(Path.of("../docs/operations.md")).stream()
        .filter(line -> line.contains(prefix))
        .map(line -> line.replaceFirst(".*\\Q" + prefix + "\\E", "").replaceFirst("'.*", ""))
        .findFirst()
        .orElseThrow();
  }

  private static Path manifestOf(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("  manifest "))
        .map(line -> Path.of(URI.create(line.substring("  manifest ".length()).strip()).getPath()))
        .findFirst()
        .orElseThrow();
  }

  /** The last value that the sink wrote of one of the plugin's gauges. */
  private double figure(String name) throws IOException {
    // Of executors in local mode without application and executor before it.
    String end = "plugin.io.nightjar.spark.executor.ScoringPlugin." + name + ".csv";
    try (Stream<Path> files = Files.list(folder.resolve("metrics"))) {
      List<Path> found = files.filter(file -> file.toString().endsWith(end)).toList();
      assertThat(found).as(end).hasSize(1);
      List<String> lines = Files.readAllLines(found.get(0));
      return Double.parseDouble(lines.get(lines.size() - 1).split(",", -1)[1]);
    }
  }

  /** The names of all {@code inputs} or {@code outputs} that the listener told of. */
  private Set<String> datasets(String kind) throws IOException {
    Set<String> names = new TreeSet<>();
    for (String line : Files.readAllLines(folder.resolve("lineage.jsonl"))) {
      for (JsonNode dataset : new ObjectMapper().readTree(line).path(kind)) {
        names.add(dataset.path("name").asText());
      }
    }
    return names;
  }
}
