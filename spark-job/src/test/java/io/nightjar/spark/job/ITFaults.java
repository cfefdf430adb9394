package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.Goldens;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILLs whole submissions where it hurts most, and submits them again with the same arguments.
 * {@code -Pfaults} kills fifty; a lost executor is {@link ITCluster}'s.
 */
class ITFaults {
  private static final int FAULTS = Integer.getInteger("nightjar.faults", Fault.values().length);
  private static final int ROWS = 257;
  private static final String DAY = "2026-11-23";

  @TempDir static Path folder;
  private static SparkHome spark;

  /** Where a submission is killed. */
  enum Fault {
    /** It has planned, and is about to take the lock. */
    BEFORE_STAGING("claim-"),
    /** A task is in the midst of its rows. */
    WHILE_SCORING("nothing"),
    /** The scores are staged and checked; the old ones are still published. */
    BEFORE_PUBLISHING("run_date="),
    /** The old scores are set aside and the new ones are not in their place: the gap. */
    BETWEEN_THE_RENAMES("scores");

    private final String hold;

    Fault(String hold) {
      this.hold = hold;
    }
  }

  @BeforeAll
  static void link() throws IOException {
    spark = SparkHome.link(Files.createDirectories(folder.resolve("spark")));
    // Hadoop asks for its file systems before Spark looks at --jars.
    Path jar = folder.resolve("spark/jars/gate.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Class<?> type : List.of(Gate.class, GatedFileSystem.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getResourceAsStream("/" + name)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
  }

  @Test
  void whateverIsKilledReadersSeeACompleteRunAndTheNextSubmissionSucceeds() throws Exception {
    long seed = Long.getLong("nightjar.test.seed", new Random().nextLong());
    Random random = new Random(seed);
    Map<Fault, Integer> kills = new EnumMap<>(Fault.class);
    int gaps = 0;
    Path base = Files.createDirectories(folder.resolve("kills"));
    write(base.resolve("out/run_date=2026-11-22/part-0.parquet"));
    write(base.resolve("out.txt"));
    int published = 50;
    try (ServerSocket gate = gate()) {
      SparkHome.Ended first = submit(base, gate, "nothing", published, -1);
      assertThat(first.exit()).as(first.err()).isZero();
      for (int i = 0; i < FAULTS; i++) {
        Fault fault = Fault.values()[i % Fault.values().length];
        int rows = 51 + (published + i) % (ROWS - 51);
        int held = fault == Fault.WHILE_SCORING ? random.nextInt(rows) : -1;
        assertThat(submitAndKill(base, gate, fault.hold, rows, held)).isNotZero();
        kills.merge(fault, 1, Integer::sum);
        if (fault == Fault.BETWEEN_THE_RENAMES) {
          assertThat(base.resolve("out/run_date=" + DAY)).doesNotExist();
          gaps++;
        } else {
          assertPublished(base, published);
        }
        SparkHome.Ended again = submitThrough(base, gate, fault.hold, rows, held);
        assertThat(again.exit()).as(again.err()).isZero();
        assertPublished(base, rows);
        assertThat(base.resolve(".nightjar")).doesNotExist();
        published = rows;
      }
    } finally {
      System.out.println("seed " + seed + ": kills " + kills + ", readers in the gap " + gaps);
    }
    assertThat(base.resolve("out.txt")).hasContent("out.txt");
    assertThat(base.resolve("out/run_date=2026-11-22/part-0.parquet")).hasContent("part-0.parquet");
  }

  @Test
  void ofTwoSubmissionsAtOnceOneIsTurnedAway() throws Exception {
    Path base = Files.createDirectories(folder.resolve("two"));
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (ServerSocket gate = gate()) {
      Future<SparkHome.Ended> first = threads.submit(() -> submit(base, gate, "nothing", ROWS, 7));
      try (Socket held = gate.accept();
          DataOutputStream out = new DataOutputStream(held.getOutputStream())) {
        SparkHome.Ended second = submit(base, gate, "nothing", ROWS, 7);
        assertThat(second.err()).contains("nightjar: error: Cannot lock file:" + base + "/out/");
        assertThat(second.exit()).isEqualTo(8);
        out.writeInt(0);
      }
      assertThat(first.get().exit()).as(first.get().err()).isZero();
    } finally {
      threads.shutdownNow();
    }
    assertPublished(base, ROWS);
  }

  /** Where submissions are held; one that ends before it comes there fails the test. */
  private static ServerSocket gate() throws IOException {
    ServerSocket gate = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    gate.setSoTimeout(240_000);
    return gate;
  }

  /** Kills whoever comes to the gate first; how the submission ended. */
  private static int submitAndKill(Path base, ServerSocket gate, String hold, int rows, int held)
      throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<SparkHome.Ended> run = threads.submit(() -> submit(base, gate, hold, rows, held));
      try (Socket waiting = gate.accept();
          DataInputStream in = new DataInputStream(waiting.getInputStream())) {
        ProcessHandle.of(in.readLong()).orElseThrow().destroyForcibly();
      }
      return run.get().exit();
    } finally {
      threads.shutdownNow();
    }
  }

  /** Lets everyone through who comes to the gate. */
  private static SparkHome.Ended submitThrough(
      Path base, ServerSocket gate, String hold, int rows, int held) throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    Future<?> keeper =
        threads.submit(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                try (Socket waiting = gate.accept();
                    DataOutputStream out = new DataOutputStream(waiting.getOutputStream())) {
                  out.writeInt(0);
                }
              }
              return null;
            });
    try {
      return submit(base, gate, hold, rows, held);
    } finally {
      keeper.cancel(true);
      // Wakes the keeper, who then sees that he is not needed any more.
      threads.shutdownNow();
      new Socket(InetAddress.getLoopbackAddress(), gate.getLocalPort()).close();
    }
  }

  private static SparkHome.Ended submit(
      Path base, ServerSocket gate, String hold, int rows, int held) throws Exception {
    Path golden = Goldens.folder("dlrm-dot-onehot");
    Path conf = base.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { examples = "%s/examples.parquet", where = "row_id < %d" }
          features.d0 = { sql = "if(row_id = %d, d0 + float(java_method('%s', 'pass', %d)), d0)" }
          output { path = out, keep-columns = [row_id], lock-expiry = %s }
        }
        """
            .formatted(
                golden,
                golden,
                rows,
                held,
                Gate.class.getName(),
                gate.getLocalPort(),
                base.endsWith("two") ? "60s" : "1s"));
    List<String> args = new ArrayList<>(List.of("--master", "local[2]"));
    for (String setting :
        List.of(
            "spark.ui.enabled=false",
            "spark.hadoop.fs.file.impl=" + GatedFileSystem.class.getName(),
            "spark.hadoop." + GatedFileSystem.HOLD_KEY + "=" + hold,
            "spark.hadoop." + GatedFileSystem.PORT_KEY + "=" + gate.getLocalPort())) {
      args.addAll(List.of("--conf", setting));
    }
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(List.of("score", "--config", conf.toString(), "--run-date", DAY));
    return spark.submit(args);
  }

  private static void assertPublished(Path base, int rows) {
    Path scores = base.resolve("out/run_date=" + DAY);
    assertThat(scores.resolve("_SUCCESS")).exists();
    assertThat(scores.resolve("_MANIFEST.json")).exists();
    assertThat(
            DuckDb.rows(
                "select count(*), count(distinct row_id), count(score) from "
                    + DuckDb.parquet(scores)))
        .containsExactly(rows + "," + rows + "," + rows);
  }

  private static void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, file.getFileName().toString());
  }
}
