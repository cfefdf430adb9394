package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.job.GatedJob.Submission;
import io.nightjar.spark.job.GatedJob.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILLs whole submissions and their executors where it hurts most, submits two at once, and then
 * submits again with the same arguments. Each kind once; {@code -Pfaults} makes it fifty and writes
 * {@code docs/faults.md}.
 */
class ITFaults {
  private static final List<Fault> KINDS = List.of(Fault.values());
  private static final int FAULTS = Integer.getInteger("nightjar.faults", KINDS.size());
  private static final String TABLE =
      System.getProperty("nightjar.faults.table", "target/faults.md");

  /** What other outputs, dates and people left beside the date that is published. */
  private static final List<String> OTHERS =
      List.of(
          "out/run_date=2026-11-22/part-0.parquet",
          "out.txt",
          ".nightjar/other/2026-11-23/run-x-y/scores/part-0.parquet");

  @TempDir Path folder;
  private Path base;
  private Path scores;
  private SparkHome spark;

  @BeforeEach
  void lay() throws IOException {
    spark = SparkHome.link(Files.createDirectories(folder.resolve("spark")));
    // Hadoop asks for its file systems before Spark looks at --jars.
    SparkHome.jar(folder.resolve("spark/jars/gate.jar"), Gate.class, GatedFileSystem.class);
    base = folder.resolve("base");
    scores = base.resolve("out/run_date=" + GatedJob.DAY);
    for (String file : OTHERS) {
      Files.createDirectories(base.resolve(file).getParent());
      Files.writeString(base.resolve(file), file);
    }
  }

  @Test
  void whateverHappensReadersSeeACompleteRunAndTheNextSubmissionSucceeds() throws Exception {
    long seed = Long.getLong("nightjar.test.seed", new Random().nextLong());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    FaultTable table = new FaultTable(seed);
    try (GatedJob job = new GatedJob(spark, base)) {
      int published = 50;
      assertSucceeds(job.submitThrough(new Submission(Fault.BEFORE_STAGING, published, 0, "1s")));
      assertPublished(published);
      Map<String, String> others = others();
      for (int i = 0; i < FAULTS; i++) {
        Fault fault = KINDS.get(i % KINDS.size());
        // Another number each time, by which readers tell the runs apart.
        int rows = 51 + (published + i) % (GatedJob.ROWS - 51);
        boolean killed = fault.endsTheSubmission();
        Submission submission =
            new Submission(fault, rows, random.nextInt(rows), killed ? "1s" : "60s");
        meet(job, submission, published);
        assertThat(others()).as(fault.toString()).isEqualTo(others);

        SparkHome.Ended next = job.submitThrough(submission);
        assertSucceeds(next);
        assertThat(next.out())
            .startsWith(killed ? "Nightjar scored " : "Nightjar: already published");
        assertPublished(rows);
        assertThat(base.resolve(".nightjar/out")).doesNotExist();
        assertThat(others()).as("after " + fault).isEqualTo(others);
        table.add(fault, row(fault));
        System.out.println(i + " " + submission);
        published = rows;
      }
    }
    table.write(Path.of(TABLE), "mvn -B verify -Pfaults");
    System.out.println(Files.readString(Path.of(TABLE)));
  }

  /** Lets the submission meet its fault, while readers see {@code published} rows. */
  private void meet(GatedJob job, Submission submission, int published) throws Exception {
    Future<SparkHome.Ended> run = job.start(submission);
    switch (submission.fault()) {
      case EXECUTOR_KILLED -> {
        try (Waiting task = job.next()) {
          assertThat(task.process().info().commandLine().orElseThrow())
              .contains("CoarseGrainedExecutorBackend");
          kill(task);
        }
        assertPublished(published);
        // The same row, in another executor.
        try (Waiting again = job.next()) {
          again.pass();
        }
        assertSucceeds(run.get());
        assertPublished(submission.rows());
      }
      case TWO_AT_ONCE -> {
        try (Waiting first = job.next()) {
          SparkHome.Ended second = job.submit(submission);
          assertThat(second.err())
              .contains("nightjar: error: Cannot lock file:" + base + "/out/run_date=");
          assertThat(second.exit()).isEqualTo(8);
          assertPublished(published);
          first.pass();
        }
        assertSucceeds(run.get());
        assertPublished(submission.rows());
      }
      default -> {
        try (Waiting driver = job.next()) {
          kill(driver);
        }
        assertThat(run.get().exit()).isNotZero();
        if (submission.fault().isInTheGap()) {
          assertThat(scores).doesNotExist();
        } else {
          assertPublished(published);
        }
      }
    }
  }

  private static void kill(Waiting waiting) {
    ProcessHandle process = waiting.process();
    process.destroyForcibly();
    process.onExit().join();
  }

  private static void assertSucceeds(SparkHome.Ended run) {
    assertThat(run.exit()).as(run.err()).isZero();
  }

  /** What was asserted, and what the manifest of the next submission says of its units. */
  private FaultTable.Row row(Fault fault) throws IOException {
    int gap = fault.isInTheGap() ? 1 : 0;
    if (!fault.endsTheSubmission()) {
      return new FaultTable.Row(1, 1, 0, 1, 0, 0);
    }
    JsonNode units =
        new ObjectMapper().readTree(scores.resolve("_MANIFEST.json").toFile()).path("units");
    int kept = 0;
    for (JsonNode unit : units) {
      kept += unit.path("kept").asBoolean() ? 1 : 0;
    }
    return new FaultTable.Row(1, 1 - gap, gap, 1, kept, units.size());
  }

  /** One complete run, told from others by its number of rows. */
  private void assertPublished(int rows) {
    assertThat(scores.resolve("_SUCCESS")).exists();
    assertThat(scores.resolve("_MANIFEST.json")).exists();
    assertThat(
            DuckDb.rows(
                "select count(*), count(distinct row_id), count(score) from "
                    + DuckDb.parquet(scores)))
        .containsExactly(rows + "," + rows + "," + rows);
  }

  /** Time and text of every file that is not of the output's date. */
  private Map<String, String> others() throws IOException {
    Map<String, String> others = new TreeMap<>();
    try (Stream<Path> all = Files.walk(base)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = base.relativize(file).toString();
        if (!name.startsWith("out/run_date=" + GatedJob.DAY)
            && !name.startsWith(".nightjar/out/" + GatedJob.DAY)) {
          others.put(
              name,
              Files.getLastModifiedTime(file)
                  + " "
                  + Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return others;
  }
}
