package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.Goldens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishing through the whole job; one suite for plain Parquet, local and remote, and a table. */
abstract class PublishingWaySuite {
  private static final String MONDAY = "2026-11-23";
  private static final String SUNDAY = "2026-11-22";

  @TempDir java.nio.file.Path folder;

  /** Where plain Parquet goes, and beside which runs work. */
  abstract Path out();

  /** The section {@code output} of the config, but for what all share. */
  abstract String output();

  /** Everything that readers see, with a column {@code run_date} where there are run dates. */
  abstract Dataset<Row> published();

  /** How messages name the scores of a date. */
  abstract String target(String date);

  @Test
  void aDateIsReplacedAndTheOthersStay() throws IOException {
    assertPublished(score(SUNDAY));
    assertPublished(score(MONDAY));
    assertThat(rows(SUNDAY, "out-of-range")).isEqualTo(257);

    assertPublished(score(MONDAY, "-D", "input.where=row_id < 100"));

    assertThat(rows(MONDAY, "new")).isEqualTo(100);
    assertThat(rows(SUNDAY, "old")).isEqualTo(257);
    assertNothingLeft();
  }

  @Test
  void theSameRunAgainDoesNothing() throws IOException {
    assertPublished(score(MONDAY));

    JobRun again = score(MONDAY);
    assertThat(again.exit()).isEqualTo(ExitCode.OK);
    assertThat(again.out())
        .startsWith("Nightjar: already published: " + target(MONDAY) + " holds run ");
    assertPublished(score(MONDAY, "--force"));
    assertPublished(score(MONDAY, "-D", "input.where=row_id < 100"));
    // The first run again is another one than that which readers see now.
    assertPublished(score(MONDAY));
    assertThat(rows(MONDAY, "all")).isEqualTo(257);
    assertNothingLeft();
  }

  @Test
  void aFailedRunChangesNothing() throws IOException {
    assertPublished(score(MONDAY));

    JobRun failed = score(MONDAY, "-D", "features.d0.sql=if(row_id = 200, null, d0)");

    assertThat(failed.exit()).isEqualTo(ExitCode.INPUT);
    assertThat(rows(MONDAY, "old")).isEqualTo(257);
    assertPublished(score(MONDAY, "-D", "input.where=row_id < 100"));
    assertThat(rows(MONDAY, "new")).isEqualTo(100);
    assertNothingLeft();
  }

  @Test
  void nothingReplacesScoresOnlyWhereTheConfigAllowsIt() throws IOException {
    assertPublished(score(SUNDAY, "-D", "input.where=row_id < 0"));
    assertPublished(score(MONDAY));

    JobRun empty = score(MONDAY, "-D", "input.where=row_id < 0");
    assertThat(empty.exit()).isEqualTo(ExitCode.GATES);
    assertThat(empty.err()).contains("Cannot publish: ", target(MONDAY));
    assertThat(rows(MONDAY, "old")).isEqualTo(257);

    assertPublished(score(MONDAY, "-D", "input.where=row_id < 0", "-D", "output.allow-empty=true"));
    assertThat(rows(MONDAY, "none")).isZero();
    assertNothingLeft();
  }

  @Test
  void aRunIsHeldAgainstThatOfTheDateBefore() throws IOException {
    assertPublished(score(SUNDAY));
    String less = "input.where=row_id < 100";
    JobRun stopped = score(MONDAY, "-D", "gates.row-count=fail", "-D", less);
    assertThat(stopped.err())
        .isEqualTo(
            "nightjar: error: Cannot publish: gate row-count: 100 rows, 257 in the last run:"
                + " 0.6109, over the limit 0.5000\n");

    assertPublished(score(MONDAY, "-D", less));
    // Of the same date it is not the run that this one replaces.
    assertPublished(score(MONDAY, "-D", "gates.row-count=fail"));
    assertThat(report(MONDAY)).contains("2026-11-22");
    assertNothingLeft();
  }

  @Test
  void statusTellsWhatReadersSee() throws IOException {
    assertPublished(score(MONDAY));
    JobRun published = status(MONDAY);
    assertThat(published.exit()).isEqualTo(ExitCode.OK);
    assertThat(published.out())
        .matches(
            "(?s)Run [0-9a-f]{16} for 2026-11-23: published, exit code 0\n.*  manifest  \\S.*\n");

    assertThat(score(MONDAY, "-D", "model=absent").exit()).isEqualTo(ExitCode.MODEL);
    JobRun failed = status(MONDAY);
    assertThat(failed.exit()).isEqualTo(ExitCode.MODEL);
    assertThat(failed.out())
        .startsWith("Run unknown for 2026-11-23: failed, exit code 4\n")
        .contains("  message   Invalid model directory file:" + folder + "/absent: ");

    JobRun none = status(SUNDAY);
    assertThat(none.exit()).isEqualTo(ExitCode.INPUT);
    assertThat(none.err())
        .isEqualTo(
            "nightjar: error: Cannot tell the status: no run has left a manifest in %s or %s/out/%s\n"
                .formatted(target(SUNDAY), workshops(), SUNDAY));
    // The word of a run that never held the lock goes with the next one that does.
    assertPublished(score(MONDAY, "--force"));
    assertNothingLeft();
  }

  private JobRun status(String date) {
    return JobRun.of(
        "status", "--config", folder.resolve("job.conf").toString(), "--run-date", date);
  }

  private String report(String date) throws IOException {
    Path report = new Path(out(), "run_date=" + date + "/_REPORT.html");
    try (InputStream in = report.getFileSystem(new Configuration()).open(report)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  final JobRun score(String date, String... more) throws IOException {
    java.nio.file.Path golden = Goldens.folder("dlrm-dot-onehot");
    java.nio.file.Path conf = folder.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { examples = "%s/examples.parquet" }
          output { path = "%s", keep-columns = [row_id], %s }
          gates.row-count = off
        }
        """
            .formatted(golden, golden, out(), output()));
    List<String> args = new ArrayList<>(List.of("score", "--config", conf.toString()));
    args.addAll(List.of("--run-date", date));
    args.addAll(List.of(more));
    return JobRun.of(args.toArray(String[]::new));
  }

  static void assertPublished(JobRun run) {
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).startsWith("Nightjar scored ");
  }

  /** Rows of a date, each there once. */
  private long rows(String date, String description) {
    Dataset<Row> scores = published().where("run_date = date'" + date + "'");
    long rows = scores.count();
    assertThat(scores.select("row_id").distinct().count()).as(description).isEqualTo(rows);
    return rows;
  }

  private void assertNothingLeft() throws IOException {
    FileSystem fs = workshops().getFileSystem(new Configuration());
    assertThat(fs.exists(workshops())).as("%s is there", workshops()).isFalse();
  }

  private Path workshops() {
    return new Path(out().getParent(), ".nightjar");
  }
}
