package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What bad input gets: one line and an exit code, through the job's own entry. */
class TestJobErrors {
  /** dlrm-cat takes d0 to d5, and s0 and s1 of tables with 500 rows. */
  private static final String GOOD =
      """
      select id as row_id, 0.1f as d0, 0.2f as d1, 0.3f as d2, 0.4f as d3, 0.5f as d4, 0.6f as d5,
        array(1L, 2L) as s0, array(3L) as s1 from range(3)
      """;

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.session();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|Cannot read the command line: say score, explain, status or profile; see --help",
        "score|Cannot read the command line: Missing required option: '--config=FILE'; see --help",
        "score --config x --fast|Cannot read the command line: Unknown option: '--fast'; see"
            + " --help",
        "guess --config x|Cannot read the command line: Unmatched arguments from index 0: 'guess',"
            + " '--config', 'x'; see --help",
        "score --config x --run-date 23.11.2026|Cannot read the command line: Invalid value for"
            + " option '--run-date': '23.11.2026' is no date, expected YYYY-MM-DD; see --help",
        "score --config x -D a|Cannot read the command line: Value for option option '-D'"
            + " (key=value) should be in KEY=VALUE format but was a; see --help",
        "score --config /absent.conf|Cannot read the config: file:/absent.conf does not exist",
      })
  void usage(String args, String message) {
    String[] words = args.isEmpty() ? new String[0] : args.split(" ");
    assertError(JobRun.of(words), ExitCode.CONFIG, message);
  }

  @Test
  void theSettingsOfSparkAreLookedAt() throws IOException {
    SparkConf submitted =
        new SparkConf(false)
            .set("spark.master", "local[2]")
            .set("spark.sql.files.ignoreMissingFiles", "true");
    assertError(
        JobRun.of(submitted, args("input.examples = x", List.of())),
        ExitCode.CONFIG,
        "Invalid spark.sql.files.ignoreMissingFiles: true, expected false: it loses rows without a"
            + " word");
  }

  @Test
  void modelsThatAreNone() throws IOException {
    Files.createDirectories(folder.resolve("model"));
    assertError(
        score("input.examples = x", "-D", "model=" + folder + "/model"),
        ExitCode.MODEL,
        "Invalid model directory file:" + folder + "/model: no model.json, expected one");
  }

  @Test
  void aBackendThatIsNotThere() throws IOException {
    Optional<String> why = DlrmModels.whyUnavailable(Backend.CUDA);
    assumeThat(why).isPresent();
    write("examples", GOOD);
    assertError(
        score("input.examples = examples", "-D", "backend=cuda"),
        ExitCode.NO_DEVICE,
        why.orElseThrow());
  }

  @Test
  void inputsThatAreNotThere() throws IOException {
    assertError(
        score("input.examples = absent"),
        ExitCode.INPUT,
        "Cannot read input.examples: file:" + folder + "/absent does not exist");
    Files.createDirectories(folder.resolve("empty"));
    assertError(
        score("input.examples = empty"),
        ExitCode.INPUT,
        "Cannot read input.examples: there is no Parquet file in file:" + folder + "/empty");
  }

  @Test
  void aBrokenFooterThatTheDriverMeets() throws IOException {
    Files.createDirectories(folder.resolve("examples"));
    Files.writeString(folder.resolve("examples/part-0.parquet"), "this is no Parquet at all");
    assertError(
        score("input.examples = examples"),
        ExitCode.INPUT,
        "Cannot read the footer of file:"
            + folder
            + "/examples/part-0.parquet: file:"
            + folder
            + "/examples/part-0.parquet is not a Parquet file. Expected magic number at tail, but"
            + " found [32, 97, 108, 108]");
  }

  @Test
  void aBrokenFooterOfAnyFile() throws IOException {
    write("examples", GOOD);
    Files.writeString(folder.resolve("examples/z-last.parquet"), "this is no Parquet at all");
    assertError(
        score("input.examples = examples"),
        ExitCode.INPUT,
        "Cannot read the footer of file:"
            + folder
            + "/examples/z-last.parquet: file:"
            + folder
            + "/examples/z-last.parquet is not a Parquet file. Expected magic number at tail, but"
            + " found [32, 97, 108, 108]");
  }

  @Test
  void allMissingColumnsAreNamedAtOnce() throws IOException {
    write("examples", "select 1L as row_id, 0.1f as d0, 0.2f as d1, array(3L) as s1");
    assertError(
        score(
            """
            input.examples = examples
            features { d2 = { column = I2 }, d3 = { sql = "x + y" }, d4 = { column = d0 }
              d5 = { column = d1, null = 1 } }
            output.keep-columns = [row_id, day]
            """),
        ExitCode.INPUT,
        "Cannot find columns I2 (features.d2), x (features.d3.sql), y (features.d3.sql), s0 (model"
            + " input s0), day (output.keep-columns): the input has row_id, d0, d1, s1");
  }

  @Test
  void featuresThatDoNotFitTheModel() throws IOException {
    write("examples", GOOD);
    assertError(
        score("input.examples = examples, features.d6 = { null = 0 }"),
        ExitCode.CONFIG,
        "Invalid features.d6: model dlrm-cat has no such input, expected one such as d0");
    assertError(
        score("input.examples = examples, features.d0 = { hash-mod = 7 }"),
        ExitCode.CONFIG,
        "Invalid option hash-mod of dense feature d0: it is for sparse features only");
    assertError(
        score("input.examples = examples, features.s0 = { column = d0 }"),
        ExitCode.INPUT,
        "Invalid column d0 of sparse feature s0: float, expected byte, short, int, long or an"
            + " array of them; hash-mod takes strings and any number");
  }

  @Test
  void sqlThatIsNone() throws IOException {
    write("examples", GOOD);
    assertError(
        score("input.examples = examples, features.d0 = { sql = \"d0 +\" }"),
        ExitCode.CONFIG,
        "Invalid features.d0.sql: d0 +, expected a Spark SQL expression: [PARSE_SYNTAX_ERROR]"
            + " Syntax error at or near end of input. SQLSTATE: 42601 (line 1, pos 4)");
  }

  @Test
  void sqlThatThrows() throws IOException {
    write("examples", GOOD);
    assertError(
        score("input.examples = examples, features.d0 = { sql = \"1 div (row_id - 1)\" }"),
        ExitCode.INPUT,
        "Cannot compute 1 div (row_id - 1): [DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to"
            + " tolerate divisor being 0 and return NULL instead. If necessary set"
            + " \"spark.sql.ansi.enabled\" to \"false\" to bypass this error. SQLSTATE: 22012");
    assertError(
        score("input.examples = examples, input.where = \"int(string(d0)) > 0\""),
        ExitCode.INPUT,
        "Cannot compute int(string(d0)): [CAST_INVALID_INPUT] The value '0.1' of the type"
            + " \"STRING\" cannot be cast to \"INT\" because it is malformed. Correct the value as"
            + " per the syntax, or change its target type. Use `try_cast` to tolerate malformed"
            + " input and return NULL instead. SQLSTATE: 22018");
    assertError(
        score(
            "input.examples = examples, features.d0 = { sql = \"if(d0 > 0, raise_error('no!'),"
                + " d0)\" }"),
        ExitCode.INPUT,
        "Cannot compute a Spark SQL expression: [USER_RAISED_EXCEPTION] no! SQLSTATE: P0001");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s0|array(1L, 4294967301L)|row id 4294967301 of column s0 lies outside table emb_l.0 of"
            + " sparse feature s0, expected 0 to 499",
        "s0|array(1L, -1L)|row id -1 of column s0 lies outside table emb_l.0 of sparse feature s0,"
            + " expected 0 to 499",
        "s1|array(500L)|row id 500 of column s1 lies outside table emb_l.1 of sparse feature s1,"
            + " expected 0 to 499",
        "s0|array(1L, null)|the array in column s0 holds a null, and sparse feature s0 takes row"
            + " ids only",
        "d0|cast(null as float)|column d0 is null, and dense feature d0 has no value for null",
        "d0|float('NaN')|dense feature d0 becomes NaN from the value NaN of column d0",
        "d0|double('Infinity')|dense feature d0 becomes Infinity from the value Infinity of column"
            + " d0",
        "d0|1e300d|dense feature d0 becomes Infinity from the value 1.0E300 of column d0",
      })
  void aBadRowStopsTheJob(String column, String value, String message) throws IOException {
    writeWithBadRow(column, value);

    assertError(
        score("input.examples = examples, output.keep-columns = [row_id, d1]"),
        ExitCode.INPUT,
        "Cannot score a row: " + message + "; the row: row_id=1, d1=0.2");
  }

  @Test
  void badRowsAreDroppedOrScoredNullAndCounted() throws IOException {
    writeWithBadRow("s0", "array(500L)");

    JobRun dropped = score("input.examples = examples, bad-rows = drop, max-bad-fraction = 0.34");
    assertThat(dropped.err()).isEmpty();
    assertThat(dropped.out()).contains("  bad rows  1 dropped\n", "scored 2 rows in");
    assertThat(rowsWithScores()).containsExactly("0,true", "2,true");

    JobRun nulled = score("input.examples = examples, bad-rows = null, max-bad-fraction = 1");
    assertThat(nulled.err()).isEmpty();
    assertThat(nulled.out()).contains("  bad rows  1 scored NULL\n", "scored 2 rows in");
    assertThat(rowsWithScores()).containsExactly("0,true", "1,false", "2,true");
  }

  private List<String> rowsWithScores() {
    return DuckDb.rows(
        "select row_id, score is not null from "
            + DuckDb.parquet(folder.resolve("out"))
            + " order by row_id");
  }

  private void writeWithBadRow(String column, String value) {
    String columns =
        Stream.of("d0", "d1", "d2", "d3", "d4", "d5", "s0", "s1")
            .map(
                name ->
                    name.equals(column)
                        ? "if(row_id = 1, %s, %s) as %s".formatted(value, name, name)
                        : name)
            .collect(Collectors.joining(", "));
    write("examples", "select row_id, %s from (%s)".formatted(columns, GOOD));
  }

  @Test
  void aFailedRunLosesNothing() throws IOException {
    write("examples", GOOD);
    assertThat(score("input.examples = examples").err()).isEmpty();
    List<String> before = DuckDb.rows("select * from " + DuckDb.parquet(folder.resolve("out")));

    JobRun failed =
        score("input.examples = examples, features.d0 = { sql = \"if(row_id = 2, null, 1)\" }");

    assertThat(failed.exit()).isEqualTo(ExitCode.INPUT);
    assertThat(DuckDb.rows("select * from " + DuckDb.parquet(folder.resolve("out"))))
        .isEqualTo(before)
        .hasSize(3);
    try (Stream<Path> left = Files.walk(folder.resolve(".nightjar/out/all"))) {
      Path manifest = left.filter(file -> file.endsWith("_MANIFEST.json")).findAny().orElseThrow();
      assertThat(manifest.getParent().getFileName().toString()).startsWith("run-");
      assertThat(Files.readString(manifest)).contains("\"failed\"", "\"code\" : 3");
    }
  }

  @Test
  void outputsThatWouldDoHarm() throws IOException {
    write("examples", GOOD);
    write("out", "select 1");
    Files.writeString(folder.resolve("out/notes.txt"), "mine");
    assertError(
        score("input.examples = examples"),
        ExitCode.CONFIG,
        "Cannot replace file:"
            + folder
            + "/out: it holds notes.txt, which no run of this job wrote");
    assertError(
        score("input.examples = examples, output.path = examples/scores"),
        ExitCode.CONFIG,
        "Invalid output.path: file:"
            + folder
            + "/examples/scores, expected a folder apart from the input file:"
            + folder
            + "/examples");
    assertError(
        score("input.examples = examples, output.score-column = D0"),
        ExitCode.CONFIG,
        "Invalid output.score-column: D0, expected a name that no column of the input has");
    assertError(
        score("input.examples = examples, output.logit-column = SCORE"),
        ExitCode.CONFIG,
        "Invalid output.logit-column: SCORE, expected another name than that of the score");
  }

  @Test
  void inClusterModeTheDriverThrows() {
    System.setProperty("spark.submit.deployMode", "cluster");
    try {
      assertThatThrownBy(() -> ScoringJob.main(new String[] {"score"}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Cannot score: exit code 2, see above");
    } finally {
      System.clearProperty("spark.submit.deployMode");
    }
  }

  @Test
  void debugShowsWhere() throws IOException {
    JobRun run = score("input.examples = absent", "--debug");

    assertThat(run.err())
        .startsWith("nightjar: error: Cannot read input.examples: file:" + folder + "/absent does")
        .contains("io.nightjar.spark.job.JobException", "at io.nightjar.spark.job.InputFiles");
  }

  private JobRun score(String input, String... more) throws IOException {
    return JobRun.of(args(input, List.of(more)));
  }

  private String[] args(String input, List<String> more) throws IOException {
    Path conf = folder.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          output { path = out, partition-by-run-date = false }
          %s
        }
        """
            .formatted(Goldens.folder("dlrm-cat"), input));
    List<String> args = new ArrayList<>(List.of("score", "--config", conf.toString()));
    args.addAll(more);
    return args.toArray(String[]::new);
  }

  private void write(String name, String sql) {
    spark.sql(sql).coalesce(1).write().parquet(folder.resolve(name).toString());
  }

  private static void assertError(JobRun run, ExitCode exit, String message) {
    assertThat(run.err()).isEqualTo("nightjar: error: " + message + "\n");
    assertThat(run.exit()).isEqualTo(exit);
    assertThat(run.out()).isEmpty();
  }
}
