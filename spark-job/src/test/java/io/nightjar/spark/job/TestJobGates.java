package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad rows and gates through the job: what is published, what is not, and what is said. */
class TestJobGates {
  @TempDir private Path folder;

  private final SparkSession spark = LocalSpark.session();

  @BeforeEach
  void write() {
    TinyModel.write(folder.resolve("model"), 1, 1, 10);
    examples("select id, double(id % 7) d0, id % 10 s0 from range(1000)");
  }

  private void examples(String sql) {
    spark
        .sql(sql)
        .coalesce(2)
        .write()
        .mode("overwrite")
        .parquet(folder.resolve("examples").toString());
  }

  private JobRun score(String date, String... more) throws IOException {
    Path conf = folder.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = model
          input.examples = examples
          output { path = out, keep-columns = [id] }
        }
        """);
    List<String> args =
        new ArrayList<>(List.of("score", "--config", conf.toString(), "--run-date", date));
    for (String override : more) {
      args.addAll(List.of("-D", override));
    }
    return JobRun.of(args.toArray(String[]::new));
  }

  private JsonNode manifest(String date) throws IOException {
    Path file = folder.resolve("out/run_date=" + date + "/_MANIFEST.json");
    return new ObjectMapper().readTree(file.toFile());
  }

  private String scores(String date) {
    return DuckDb.parquet(folder.resolve("out/run_date=" + date));
  }

  @Test
  void badRowsAreQuarantined() throws IOException {
    examples(
        """
        select id, if(id < 3, null, double(id % 7)) d0, if(id = 9, 77, id % 10) s0
        from range(1000)
        """);
    JobRun run = score("2026-11-23", "bad-rows=quarantine");

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("  bad rows  4 quarantined\n");
    assertThat(DuckDb.rows("select count(*), count(score) from " + scores("2026-11-23")))
        .containsExactly("996,996");
    Path quarantine = folder.resolve("out-quarantine/run_date=2026-11-23");
    assertThat(
            DuckDb.rows(
                "select id, bad_reason, bad_column, bad_value from %s order by id"
                    .formatted(DuckDb.parquet(quarantine))))
        .containsExactly(
            "0,null-value,d0,null",
            "1,null-value,d0,null",
            "2,null-value,d0,null",
            "9,row-id-out-of-range,s0,77");
    JsonNode manifest = manifest("2026-11-23");
    assertThat(manifest.at("/quarantine").asText()).isEqualTo("file:" + quarantine);
    assertThat(manifest.at("/statistics/rows_in").asLong()).isEqualTo(1000);
    assertThat(manifest.at("/statistics/bad_rows").toString())
        .isEqualTo("{\"row-id-out-of-range\":{\"s0\":1},\"null-value\":{\"d0\":3}}");
    assertThat(manifest.at("/statistics/scores/histogram/counts")).isNotEmpty();
    assertThat(manifest.at("/gates")).hasSize(11);

    examples("select id, double(id % 7) d0, id % 10 s0 from range(1000)");
    assertThat(score("2026-11-23", "bad-rows=quarantine").err()).isEmpty();
    assertThat(quarantine).doesNotExist();
  }

  @Test
  void aQuarantineThatWouldReplaceSomethingElse() throws IOException {
    assertThat(quarantinedTo("out/bad"))
        .isEqualTo(
            "Invalid output.quarantine-path: file:%1$s/out/bad, expected a folder apart from"
                + " output.path file:%1$s/out");
    assertThat(quarantinedTo("out")).contains("expected a folder apart from output.path");
    assertThat(quarantinedTo(".")).contains("expected a folder apart from the input");
    assertThat(quarantinedTo("examples/bad"))
        .isEqualTo(
            "Invalid output.quarantine-path: file:%1$s/examples/bad, expected a folder apart from"
                + " the input file:%1$s/examples");
    assertThat(quarantinedTo("hdfs://127.0.0.1:1/bad"))
        .isEqualTo(
            "Invalid output.quarantine-path: hdfs://127.0.0.1:1/bad, expected a folder on the file"
                + " system of output.path, file:///");

    Path notes = folder.resolve("bad/run_date=2026-11-23/notes.txt");
    Files.createDirectories(notes.getParent());
    Files.writeString(notes, "mine");
    assertThat(quarantinedTo("bad"))
        .isEqualTo(
            "Cannot replace file:%1$s/bad/run_date=2026-11-23: it holds notes.txt, which no run of"
                + " this job wrote");
    assertThat(notes).hasContent("mine");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /** The complaint, with {@code %1$s} for the test's folder. */
  private String quarantinedTo(String path) throws IOException {
    JobRun run = score("2026-11-23", "bad-rows=quarantine", "output.quarantine-path=" + path);
    assertThat(run.exit()).isEqualTo(ExitCode.CONFIG);
    return run.err().strip().replace("nightjar: error: ", "").replace(folder.toString(), "%1$s");
  }

  @Test
  void tooManyBadRows() throws IOException {
    examples("select id, if(id < 11, null, double(id % 7)) d0, id % 10 s0 from range(1000)");
    JobRun run = score("2026-11-23", "bad-rows=quarantine");

    assertThat(run.exit()).isEqualTo(ExitCode.BAD_ROWS);
    assertThat(run.err())
        .startsWith(
            "nightjar: error: Cannot publish: 11 of 1,000 rows are bad, more than the share 0.01"
                + " that max-bad-fraction allows: 11 null-value in d0; they lie in file:"
                + folder
                + "/.nightjar/out/2026-11-23/run-")
        .endsWith("/quarantine\n");
    String place = run.err().substring(run.err().indexOf("file:") + 5).strip();
    assertThat(DuckDb.rows("select count(*) from " + DuckDb.parquet(Path.of(place))))
        .containsExactly("11");
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("out-quarantine")).doesNotExist();

    assertThat(score("2026-11-23", "bad-rows=drop", "max-bad-fraction=0.011").err()).isEmpty();
  }

  @Test
  void scoresThatMovedAreHeldAgainstTheLastDate() throws IOException {
    JobRun first = score("2026-11-21", "gates.psi=fail");
    assertThat(first.err()).isEmpty();
    assertThat(first.out()).contains("  gates     6 passed · 0 failed · 5 skipped\n");
    assertThat(score("2026-11-22", "gates.psi=fail").out())
        .contains("  gates     10 passed · 0 failed · 1 skipped\n");

    examples("select id, double(id % 7 + 9) d0, id % 10 s0 from range(1000)");
    JobRun stopped = score("2026-11-23", "gates.psi=fail");
    assertThat(stopped.exit()).isEqualTo(ExitCode.GATES);
    assertThat(stopped.err())
        .matches(
            "nightjar: error: Cannot publish: gate psi: population stability index [0-9.]+ against"
                + " the last run: [0-9.]+, over the limit 0.2500\n");
    assertThat(folder.resolve("out/run_date=2026-11-23")).doesNotExist();

    JobRun warned = score("2026-11-23");
    assertThat(warned.err()).isEmpty();
    assertThat(warned.out()).contains("  warning   gate psi: population stability index");
    assertThat(
            manifest("2026-11-23").at("/gates").findParents("name").stream()
                .filter(gate -> gate.get("name").asText().equals("psi"))
                .map(gate -> gate.get("action").asText() + " " + gate.get("outcome").asText()))
        .containsExactly("warn failed");
  }

  @Test
  void halfTheRows() throws IOException {
    assertThat(score("2026-11-22").err()).isEmpty();
    examples("select id, double(id % 7) d0, id % 10 s0 from range(499)");
    JobRun stopped = score("2026-11-23");

    assertThat(stopped.exit()).isEqualTo(ExitCode.GATES);
    assertThat(stopped.err())
        .isEqualTo(
            "nightjar: error: Cannot publish: gate row-count: 499 rows, 1,000 in the last run:"
                + " 0.5010, over the limit 0.5000\n");
    assertThat(score("2026-11-23", "gates.row-count=off").err()).isEmpty();
  }

  @Test
  void duplicateKeys() throws IOException {
    examples("select id % 998 id, double(id % 7) d0, id % 10 s0 from range(1000)");
    JobRun stopped = score("2026-11-23", "gates.duplicate-keys=fail", "gates.key-columns=[id]");

    assertThat(stopped.exit()).isEqualTo(ExitCode.GATES);
    assertThat(stopped.err())
        .isEqualTo(
            "nightjar: error: Cannot publish: gate duplicate-keys: 4 rows have a key that another"
                + " row has, too: 4, over the limit 0\n");

    assertThat(score("2026-11-23", "gates.duplicate-keys=fail", "gates.key-columns=[ID]").exit())
        .isEqualTo(ExitCode.GATES);
    assertThat(score("2026-11-23", "gates.key-columns=[user]").err())
        .isEqualTo(
            "nightjar: error: Invalid gates.key-columns: user, expected columns of the output: id,"
                + " score\n");
  }

  @Test
  void emptyBagsAndReplacedIds() throws IOException {
    examples("select id, double(id % 7) d0, if(id < 996, null, id) s0 from range(1000)");
    JobRun stopped =
        score("2026-11-23", "out-of-range=0", "gates.empty-bags=fail", "gates.replaced-ids=fail");

    assertThat(stopped.err())
        .isEqualTo(
            "nightjar: error: Cannot publish: gate empty-bags: 996 of 1,000 bags are empty in"
                + " feature s0: 0.9960, over the limit 0.9900; gate replaced-ids: 4 of 4 row ids"
                + " were replaced in feature s0: 1, over the limit 0.1000\n");
  }

  @Test
  void quarantineColumnsAreItsOwn() throws IOException {
    examples("select id, id bad_value, double(id % 7) d0, id % 10 s0 from range(10)");

    assertThat(score("2026-11-23", "bad-rows=quarantine", "output.keep-columns=[\"*\"]").err())
        .isEqualTo(
            "nightjar: error: Invalid output.keep-columns: bad_value, expected other columns than"
                + " the quarantine's own bad_reason, bad_column, bad_value\n");
  }
}
