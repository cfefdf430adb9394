package io.nightjar.spark.job;

import io.nightjar.spark.testing.Goldens;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
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

/**
 * Submissions of one job that wait at a {@link Gate} of the test.
 *
 * <p>The job scores the first rows of a golden, cut into {@value #UNITS} files, which are its
 * units.
 */
final class GatedJob implements Closeable {
  /** Rows that there are, with {@code row_id} from 0 on. */
  static final int ROWS = 257;

  static final int UNITS = 4;
  static final String DAY = "2026-11-23";

  private final SparkHome spark;
  private final Path base;
  private final ServerSocket gate;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Lays a job down in {@code base}, which publishes to its folder {@code out}. */
  GatedJob(SparkHome spark, Path base) throws IOException {
    this.spark = spark;
    this.base = base;
    this.gate = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    // A submission that ends before it comes to the gate fails the test.
    gate.setSoTimeout(300_000);
    Path golden = Goldens.folder("dlrm-dot-onehot");
    Files.createDirectories(base.resolve("examples"));
    for (int unit = 0; unit < UNITS; unit++) {
      DuckDb.run(
          "copy (select * from '%s/examples.parquet' where row_id %% %d = %d) to '%s' (format parquet)"
              .formatted(golden, UNITS, unit, base.resolve("examples/part-" + unit + ".parquet")));
    }
    Files.writeString(
        base.resolve("job.conf"),
        """
        nightjar {
          model = "%s"
          input { examples = examples }
          output { path = out, keep-columns = [row_id], unit-size = 1 B }
        }
        """
            .formatted(golden));
  }

  /**
   * A submission.
   *
   * @param fault what it meets, which says where it waits
   * @param rows how many rows it scores
   * @param held the row at which a task waits, if one does
   * @param expiry of its lock
   */
  record Submission(Fault fault, int rows, int held, String expiry) {}

  /** Submits without waiting for the end. */
  Future<SparkHome.Ended> start(Submission submission) {
    return threads.submit(() -> submit(submission));
  }

  /** Submits and waits for the end; somebody else has to look after the gate. */
  SparkHome.Ended submit(Submission submission) throws IOException, InterruptedException {
    String d0 =
        submission.fault().isAtARow()
            ? "if(row_id = %d, d0 + float(java_method('%s', 'pass', %d)), d0)"
                .formatted(submission.held(), Gate.class.getName(), gate.getLocalPort())
            : "d0";
    List<String> args = new ArrayList<>();
    args.addAll(
        List.of(
            "--master",
            submission.fault() == Fault.EXECUTOR_KILLED ? "local-cluster[2,1,512]" : "local[2]"));
    for (String setting :
        List.of(
            "spark.ui.enabled=false",
            "spark.executor.memory=512m",
            "spark.hadoop.fs.file.impl=" + GatedFileSystem.class.getName(),
            "spark.hadoop." + GatedFileSystem.HOLD_KEY + "=" + submission.fault().renamed(),
            "spark.hadoop." + GatedFileSystem.PORT_KEY + "=" + gate.getLocalPort())) {
      args.addAll(List.of("--conf", setting));
    }
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(List.of("score", "--config", base.resolve("job.conf").toString()));
    args.addAll(List.of("--run-date", DAY));
    for (String override :
        List.of(
            "input.where=row_id < " + submission.rows(),
            "features.d0.sql=" + d0,
            "output.lock-expiry=" + submission.expiry())) {
      args.addAll(List.of("-D", override));
    }
    return spark.submit(args);
  }

  /** Submits, lets everyone pass who comes to the gate, and waits for the end. */
  SparkHome.Ended submitThrough(Submission submission) throws IOException, InterruptedException {
    Future<?> keeper =
        threads.submit(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                try (Waiting waiting = next()) {
                  waiting.pass();
                }
              }
              return null;
            });
    try {
      return submit(submission);
    } finally {
      keeper.cancel(true);
      // Wakes the keeper, who then sees that he is not needed any more: nobody is there.
      new Socket(InetAddress.getLoopbackAddress(), gate.getLocalPort()).close();
    }
  }

  /** Whoever comes to the gate next. */
  Waiting next() throws IOException {
    Socket socket = gate.accept();
    return new Waiting(socket, new DataInputStream(socket.getInputStream()).readLong());
  }

  /**
   * A process that waits at the gate.
   *
   * @param socket what it waits at
   * @param pid which process it is
   */
  record Waiting(Socket socket, long pid) implements Closeable {
    /** Lets it go on. */
    void pass() throws IOException {
      new DataOutputStream(socket.getOutputStream()).writeInt(0);
    }

    ProcessHandle process() {
      return ProcessHandle.of(pid).orElseThrow();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    gate.close();
    threads.shutdownNow();
  }
}
