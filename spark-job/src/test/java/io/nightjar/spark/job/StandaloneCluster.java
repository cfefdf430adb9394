package io.nightjar.spark.job;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A standalone cluster of processes: a master and two workers with one core each. Whoever starts it
 * closes it.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final List<String> PORTS =
      List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0");

  private final SparkHome spark;
  private final Path folder;
  private final List<Process> daemons = new ArrayList<>();
  private final ExecutorService logs = Executors.newCachedThreadPool();
  private final String master;

  /** Starts it; the workers work below {@code folder}. */
  StandaloneCluster(SparkHome spark, Path folder) throws IOException {
    this.spark = spark;
    this.folder = folder;
    this.master =
        daemon(
                Pattern.compile("Starting Spark master at (spark://\\S+)"),
                "org.apache.spark.deploy.master.Master",
                PORTS)
            .group(1);
    for (int worker = 0; worker < 2; worker++) {
      List<String> args = new ArrayList<>(PORTS);
      args.addAll(List.of("--cores", "1", "--memory", "1g"));
      args.addAll(List.of("--work-dir", work(worker).toString(), master));
      daemon(
          Pattern.compile("Successfully registered with master"),
          "org.apache.spark.deploy.worker.Worker",
          args);
    }
  }

  /** What {@code --master} takes. */
  String master() {
    return master;
  }

  /** The folders in which the workers keep what their drivers and executors write. */
  Stream<Path> works() {
    return Stream.of(work(0), work(1));
  }

  private Path work(int worker) {
    return folder.resolve("work" + worker);
  }

  /** Starts a daemon and reads its log up to the line that says it is ready. */
  private Matcher daemon(Pattern ready, String main, List<String> args) throws IOException {
    Process process = spark.daemon(main, args.toArray(String[]::new));
    daemons.add(process);
    BufferedReader log = process.inputReader();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher matcher = ready.matcher(line);
      if (matcher.find()) {
        logs.execute(() -> drain(log));
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

  @Override
  public void close() {
    // The workers end their executors when they are asked to end.
    for (Process daemon : daemons) {
      daemon.destroy();
    }
    for (Process daemon : daemons) {
      daemon.onExit().join();
    }
    logs.shutdownNow();
  }
}
