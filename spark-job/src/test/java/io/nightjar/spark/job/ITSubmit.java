package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.spark.publish.LockOwner;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.publish.PublishLock;
import io.nightjar.spark.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every exit code by a {@code spark-submit} of its own, with the jar that is shipped. */
class ITSubmit {
  @TempDir static Path folder;
  private static SparkHome spark;

  @BeforeAll
  static void link() throws IOException {
    spark = SparkHome.link(Files.createDirectories(folder.resolve("spark")));
  }

  @Test
  void scoresArePublished() throws Exception {
    SparkHome.Ended run = score("output.compression=snappy");

    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("Nightjar scored 257 rows in ");
    assertThat(DuckDb.rows("select count(score) from " + DuckDb.parquet(folder.resolve("out"))))
        .containsExactly("257");
  }

  @Test
  void unexpected() throws Exception {
    Files.createFile(folder.resolve("file"));
    SparkHome.Ended run = score("output.path=file/scores");

    assertThat(run.err()).contains("nightjar: error: Unexpected: ");
    assertThat(run.exit()).isEqualTo(1);
  }

  @Test
  void config() throws Exception {
    assertEnds(
        score("batchsize=7"),
        2,
        "Invalid key: batchsize, expected a known one such as batch-size (-D batchsize)");
  }

  @Test
  void input() throws Exception {
    assertEnds(
        score("input.examples=absent"),
        3,
        "Cannot read input.examples: file:" + folder + "/absent does not exist");
  }

  @Test
  void model() throws Exception {
    assertEnds(
        score("model=."),
        4,
        "Invalid model directory file:" + folder + ": no model.json, expected one");
  }

  @Test
  void gates() throws Exception {
    String examples = Goldens.folder("dlrm-dot-onehot").resolve("examples.parquet").toString();
    String twice =
        DuckDb.rows(
                "select sum(n)::int from (select count(*) n from '%s' group by s0 having n > 1)"
                    .formatted(examples))
            .get(0);
    SparkHome.Ended run =
        score(
            "output.path=stopped",
            "output.keep-columns=[row_id, s0]",
            "gates.duplicate-keys=fail",
            "gates.key-columns=[s0]");

    assertEnds(
        run,
        5,
        "Cannot publish: gate duplicate-keys: %s rows have a key that another row has, too: %s,"
                .formatted(twice, twice)
            + " over the limit 0");
    assertThat(folder.resolve("stopped")).doesNotExist();
  }

  @Test
  void badRows() throws Exception {
    assertEnds(
        score("output.path=bad", "bad-rows=drop", "features.d0.sql=if(row_id < 5, null, d0)"),
        6,
        "Cannot publish: 5 of 257 rows are bad, more than the share 0.01 that max-bad-fraction"
            + " allows: 5 null-value in if(row_id < 5, null, d0)");
    assertThat(folder.resolve("bad")).doesNotExist();
  }

  @Test
  void noDevice() throws Exception {
    Optional<String> why = DlrmModels.whyUnavailable(Backend.CUDA);
    assumeThat(why).isPresent();
    assertEnds(score("backend=cuda"), 7, why.orElseThrow());
  }

  @Test
  void locked() throws Exception {
    OutputFolder held =
        OutputFolder.of("file:" + folder + "/held", Optional.empty(), new Configuration());
    try (PublishLock lock = PublishLock.acquire(held, LockOwner.here(), Duration.ofSeconds(60))) {
      SparkHome.Ended run = score("output.path=held");

      assertThat(run.err())
          .contains(
              "nightjar: error: Cannot lock file:%s/held: another run holds it, process %d on "
                  .formatted(folder, ProcessHandle.current().pid()));
      assertThat(run.exit()).isEqualTo(8);
      assertThat(lock.generation()).isEqualTo(1);
    }
    assertThat(folder.resolve("held")).doesNotExist();
  }

  private static SparkHome.Ended score(String... overrides) throws Exception {
    Path conf = folder.resolve("job.conf");
    Path golden = Goldens.folder("dlrm-dot-onehot");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { examples = "%s/examples.parquet" }
          output { path = out, keep-columns = [row_id], partition-by-run-date = false }
        }
        """
            .formatted(golden, golden));
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    args.addAll(List.of("--class", ScoringJob.class.getName(), SparkHome.JOB_JAR.toString()));
    args.addAll(List.of("score", "--config", conf.toString()));
    for (String override : overrides) {
      args.addAll(List.of("-D", override));
    }
    return spark.submit(args);
  }

  private static void assertEnds(SparkHome.Ended run, int exit, String message) {
    assertThat(run.err().lines().filter(line -> line.startsWith("nightjar:")))
        .containsExactly("nightjar: error: " + message);
    assertThat(run.exit()).isEqualTo(exit);
    assertThat(run.out()).isEmpty();
  }
}
