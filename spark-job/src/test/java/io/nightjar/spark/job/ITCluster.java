package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.testing.Goldens;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
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
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A standalone cluster of processes: a master and two workers, one of whose executors is killed.
 */
class ITCluster {
  private static final int ROWS = 257;

  @TempDir static Path folder;
  private static final List<Process> DAEMONS = new ArrayList<>();
  private static ExecutorService threads;
  private static SparkHome spark;
  private static String master;

  @BeforeAll
  static void start() throws IOException {
    threads = Executors.newCachedThreadPool();
    spark = SparkHome.link(Files.createDirectories(folder.resolve("spark")));
    String[] ports = {"--host", "127.0.0.1", "--port", "0", "--webui-port", "0"};
    master =
        daemon(
                Pattern.compile("Starting Spark master at (spark://\\S+)"),
                "org.apache.spark.deploy.master.Master",
                ports)
            .group(1);
    for (int worker = 0; worker < 2; worker++) {
      daemon(
          Pattern.compile("Successfully registered with master"),
          "org.apache.spark.deploy.worker.Worker",
          Stream.concat(
                  Stream.of(ports),
                  Stream.of(
                      "--cores",
                      "1",
                      "--memory",
                      "1g",
                      "--work-dir",
                      folder.resolve("work" + worker).toString(),
                      master))
              .toArray(String[]::new));
    }
  }

  @AfterAll
  static void stop() throws InterruptedException {
    // The workers end their executors when they are asked to end.
    for (Process daemon : DAEMONS) {
      daemon.destroy();
    }
    for (Process daemon : DAEMONS) {
      daemon.waitFor();
    }
    threads.shutdownNow();
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

    String scores = DuckDb.parquet(folder.resolve("out"));
    assertThat(DuckDb.rows("select count(*), count(distinct row_id), count(score) from " + scores))
        .containsExactly(ROWS + "," + ROWS + "," + ROWS);
    assertThat(
            DuckDb.rows(
                "select count(*) from %s s join '%s' e using (row_id) where abs(s.score - e.score) > 1e-5"
                    .formatted(
                        scores, Goldens.folder("dlrm-dot-onehot").resolve("expected.parquet"))))
        .containsExactly("0");
    assertEventsShowTheLoss();
  }

  private static void assertEventsShowTheLoss() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    try (Stream<Path> logs = Files.list(folder.resolve("events"))) {
      ObjectMapper json = new ObjectMapper();
      Path log =
          logs.filter(file -> !file.getFileName().toString().startsWith("."))
              .findFirst()
              .orElseThrow();
      for (String line : Files.readAllLines(log)) {
        events.add(json.readTree(line));
      }
    }
    assertThat(events)
        .anyMatch(event -> event.path("Event").asText().equals("SparkListenerExecutorRemoved"));
    List<JsonNode> ends =
        events.stream()
            .filter(event -> event.path("Event").asText().equals("SparkListenerTaskEnd"))
            .toList();
    JsonNode lost =
        ends.stream()
            .filter(
                end ->
                    end.path("Task End Reason")
                        .path("Reason")
                        .asText()
                        .equals("ExecutorLostFailure"))
            .findFirst()
            .orElseThrow();
    assertThat(ends)
        .anyMatch(
            end ->
                end.path("Stage ID").equals(lost.path("Stage ID"))
                    && end.path("Task Info")
                        .path("Index")
                        .equals(lost.path("Task Info").path("Index"))
                    && end.path("Task Info").path("Attempt").asInt() > 0
                    && end.path("Task End Reason").path("Reason").asText().equals("Success"));
  }

  /** After its end nobody will come to the gate: who still waits there gets an error. */
  private static SparkHome.Ended submitThenClose(ServerSocket gate) throws Exception {
    try {
      return submit(gate.getLocalPort());
    } finally {
      gate.close();
    }
  }

  private static SparkHome.Ended submit(int gate) throws Exception {
    Path golden = Goldens.folder("dlrm-dot-onehot");
    Path conf = folder.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { examples = "%s/examples.parquet" }
          features.d0 = { sql = "if(row_id = 0, d0 + float(java_method('%s', 'pass', %d)), d0)" }
          output { path = out, keep-columns = [row_id], partition-by-run-date = false }
        }
        """
            .formatted(golden, golden, Gate.class.getName(), gate));
    Files.createDirectories(folder.resolve("events"));
    List<String> args = new ArrayList<>(List.of("--master", master));
    for (String setting :
        List.of(
            "spark.driver.host=127.0.0.1",
            "spark.ui.enabled=false",
            "spark.executor.memory=512m",
            "spark.executor.cores=1",
            "spark.eventLog.enabled=true",
            "spark.eventLog.rolling.enabled=false",
            "spark.eventLog.compress=false",
            "spark.eventLog.dir=" + folder.resolve("events").toUri())) {
      args.addAll(List.of("--conf", setting));
    }
    args.addAll(List.of("--jars", gateJar().toString()));
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(List.of("score", "--config", conf.toString()));
    return spark.submit(args);
  }

  /** The one class of the tests that the cluster's processes need. */
  private static Path gateJar() throws IOException {
    Path jar = folder.resolve("gate.jar");
    String name = Gate.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        InputStream in = Gate.class.getResourceAsStream("/" + name)) {
      out.putNextEntry(new JarEntry(name));
      in.transferTo(out);
      out.closeEntry();
    }
    return jar;
  }

  /** Starts a daemon and reads its log up to the line that says it is ready. */
  private static Matcher daemon(Pattern ready, String main, String... args) throws IOException {
    Process process = spark.daemon(main, args);
    DAEMONS.add(process);
    BufferedReader log = process.inputReader();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher matcher = ready.matcher(line);
      if (matcher.find()) {
        threads.execute(() -> drain(log));
        return matcher;
      }
    }
    throw new IllegalStateException(main + " ended before it was ready");
  }

  /** A daemon whose log nobody reads would stand still. */
  private static void drain(BufferedReader log) {
    try {
      log.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
