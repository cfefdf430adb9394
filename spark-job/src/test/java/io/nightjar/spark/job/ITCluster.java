package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.executor.FaultyDevice;
import io.nightjar.spark.testing.Goldens;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Submissions to a standalone cluster, in client and in cluster deploy mode; executors are lost.
 */
class ITCluster {
  private static final int ROWS = 257;
  private static final String DAY = "2026-11-23";

  @TempDir static Path shared;
  @TempDir Path folder;
  private static ExecutorService threads;
  private static SparkHome spark;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    threads = Executors.newCachedThreadPool();
    spark = SparkHome.link(Files.createDirectories(shared.resolve("spark")));
    SparkHome.jar(shared.resolve("tests.jar"), Gate.class, FaultyDevice.class);
    cluster = new StandaloneCluster(spark, shared);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    threads.shutdownNow();
  }

  @BeforeEach
  void write() throws IOException {
    Files.createDirectory(folder.resolve("events"));
    Goldens.writeJob(folder.resolve("job.conf"));
  }

  @Test
  void aLostExecutorsTasksRunAgainAndEveryRowIsThereOnce() throws Exception {
    try (ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Future<SparkHome.Ended> run = threads.submit(() -> submitThenClose(gate));
      // Whoever asks is a task in the midst of its partition.
      try (Socket task = gate.accept();
          DataInputStream in = new DataInputStream(task.getInputStream())) {
        ProcessHandle executor = ProcessHandle.of(in.readLong()).orElseThrow();
        assertThat(executor.info().commandLine().orElse("java")).contains("java");
        executor.destroyForcibly();
      }
      try (Socket again = gate.accept();
          DataOutputStream out = new DataOutputStream(again.getOutputStream())) {
        out.writeInt(0);
      }
      SparkHome.Ended ended = run.get();
      assertThat(ended.exit()).as(ended.err()).isZero();
      assertThat(ended.out()).startsWith("Nightjar scored 257 rows in ");
    }
    assertPublished();
    assertATaskWasLostAndRanAgain("Command exited with code 137");
  }

  /** Exit code 20 is an executor's: the submission's own stays 0. */
  @Test
  void anExecutorWhoseDeviceFaultsEndsWith20AndIsReplaced() throws Exception {
    String use =
        "if(row_id = 0, d0 + float(java_method('%s', 'use', '%s')), d0)"
            .formatted(FaultyDevice.class.getName(), folder.resolve("mark"));
    SparkHome.Ended run = submit("client", "score", "-D", "features.d0.sql=" + use);

    assertThat(run.exit()).as(run.err()).isZero();
    assertPublished();
    assertATaskWasLostAndRanAgain("Command exited with code 20");
  }

  @Test
  void inClusterModeTheDriverEndsByReturningOrThrowingAndStatusHasTheExitCode() throws Exception {
    assertThat(submit("cluster", "score").err()).containsPattern("State of driver .* is FINISHED");
    assertPublished();
    SparkHome.Ended published = submit("client", "status");
    assertThat(published.out()).contains(": published, exit code 0\n");
    assertThat(published.exit()).isZero();

    SparkHome.Ended failed =
        submit(
            "cluster",
            "score",
            "-D",
            "bad-rows=drop",
            "-D",
            "features.d0.sql=if(row_id < 5, null, d0)");
    assertThat(failed.err()).containsPattern("State of driver .* is FAILED");
    // Spark's own answer, whatever became of the driver: whoever wants to know asks for the status.
    assertThat(failed.exit()).isZero();
    assertThat(driverLogs())
        .contains("nightjar: error: Cannot publish: 5 of 257 rows are bad")
        .contains("java.lang.IllegalStateException: Cannot score: exit code 6, see above");
    assertPublished();
    SparkHome.Ended status = submit("client", "status");
    assertThat(status.out()).contains(": failed, exit code 6\n");
    assertThat(status.exit()).isEqualTo(6);
  }

  /** All rows once, with the scores that PyTorch gave them, and what a run leaves beside them. */
  private void assertPublished() throws IOException {
    Path published = folder.resolve("out/run_date=" + DAY);
    String scores = DuckDb.parquet(published);
    assertThat(DuckDb.rows("select count(*), count(distinct row_id), count(score) from " + scores))
        .containsExactly(ROWS + "," + ROWS + "," + ROWS);
    Path expected = Goldens.folder("dlrm-dot-onehot").resolve("expected.parquet");
    assertThat(
            DuckDb.rows(
                "select count(*) from %s s join '%s' e using (row_id) where abs(s.score - e.score) > 1e-5"
                    .formatted(scores, expected)))
        .containsExactly("0");
    JsonNode manifest = new ObjectMapper().readTree(published.resolve("_MANIFEST.json").toFile());
    assertThat(manifest.at("/exit/state").asText()).isEqualTo("published");
    assertThat(manifest.at("/run/application").asText()).startsWith("app-");
    assertThat(manifest.at("/output/rows").asInt()).isEqualTo(ROWS);
    assertThat(Files.readString(published.resolve("_REPORT.html"))).contains("✓ published");
  }

  private void assertATaskWasLostAndRanAgain(String reason) throws IOException {
    List<JsonNode> events = events();
    assertThat(events)
        .anyMatch(
            event ->
                event.path("Event").asText().equals("SparkListenerExecutorRemoved")
                    && event.path("Removed Reason").asText().contains(reason));
    List<JsonNode> ends =
        events.stream()
            .filter(event -> event.path("Event").asText().equals("SparkListenerTaskEnd"))
            .toList();
    JsonNode lost =
        ends.stream()
            .filter(end -> endReason(end).equals("ExecutorLostFailure"))
            .findFirst()
            .orElseThrow();
    assertThat(ends)
        .anyMatch(
            end ->
                end.path("Stage ID").equals(lost.path("Stage ID"))
                    && end.at("/Task Info/Index").equals(lost.at("/Task Info/Index"))
                    && end.at("/Task Info/Attempt").asInt() > 0
                    && endReason(end).equals("Success"));
  }

  private static String endReason(JsonNode taskEnd) {
    return taskEnd.at("/Task End Reason/Reason").asText();
  }

  private List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    try (Stream<Path> logs = Files.list(folder.resolve("events"))) {
      Path log =
          logs.filter(file -> !file.getFileName().toString().startsWith("."))
              .findFirst()
              .orElseThrow();
      for (String line : Files.readAllLines(log)) {
        events.add(new ObjectMapper().readTree(line));
      }
    }
    return events;
  }

  /** What the drivers in the workers' folders wrote to their standard error. */
  private static String driverLogs() {
    return cluster
        .works()
        .flatMap(
            work -> {
              try (Stream<Path> files = Files.walk(work)) {
                return files.filter(ITCluster::isLogOfADriver).toList().stream();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .map(ITCluster::read)
        .reduce("", String::concat);
  }

  private static boolean isLogOfADriver(Path file) {
    return file.endsWith("stderr")
        && file.getParent().getFileName().toString().startsWith("driver-");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** After its end nobody will come to the gate: who still waits there gets an error. */
  private SparkHome.Ended submitThenClose(ServerSocket gate) throws Exception {
    String pass =
        "if(row_id = 0, d0 + float(java_method('%s', 'pass', %d)), d0)"
            .formatted(Gate.class.getName(), gate.getLocalPort());
    try {
      return submit("client", "score", "-D", "features.d0.sql=" + pass);
    } finally {
      gate.close();
    }
  }

  private SparkHome.Ended submit(String deployMode, String verb, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("--master", cluster.master()));
    args.addAll(List.of("--deploy-mode", deployMode));
    List<String> settings =
        new ArrayList<>(
            List.of(
                "spark.ui.enabled=false",
                "spark.driver.memory=512m",
                "spark.executor.memory=512m",
                "spark.executor.cores=1",
                "spark.standalone.submit.waitAppCompletion=true",
                "spark.eventLog.enabled=true",
                "spark.eventLog.rolling.enabled=false",
                "spark.eventLog.compress=false",
                "spark.eventLog.dir=" + folder.resolve("events").toUri()));
    if (deployMode.equals("client")) {
      settings.add("spark.driver.host=127.0.0.1");
    }
    for (String setting : settings) {
      args.addAll(List.of("--conf", setting));
    }
    args.addAll(List.of("--jars", shared.resolve("tests.jar").toString()));
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(List.of(verb, "--config", folder.resolve("job.conf").toString()));
    args.addAll(List.of("--run-date", DAY));
    args.addAll(List.of(more));
    return spark.submit(args);
  }
}
