package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.batch.Transform;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.plan.LookupExec;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.Stage;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import io.nightjar.spark.testing.StartedJobs;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.FilterExec;
import org.apache.spark.sql.execution.RowToColumnarExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.joins.SortMergeJoinExec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pairs that find users and items in memory get what a join gives them, bit for bit. */
class TestLookedUpPairs {
  private static final String NOTHING_IS_SENT = "-1";

  @TempDir private Path folder;

  /** Users and items are there for most keys; columns of many types, arrays and nulls with them. */
  private void write(String key, int users, int items) {
    SparkSession spark = LocalSpark.session();
    write(
        spark,
        "users",
        """
        select cast(id * 3 as %s) user_id, if(id %% 7 = 0, null, float(id)) d0, if(id = 11, null, double(id) / 3) d1,
          if(id %% 5 = 0, null, int(id %% 12)) s0,
          if(id %% 4 = 0, null, transform(sequence(0, id %% 3), x -> int(id + x) %% 10)) s1,
          concat('user ', id) text, named_struct('a', id, 'b', array(id)) deep, map(id, 'x') names,
          cast(id as decimal(12, 2)) money, date_from_unix_date(id) born, id %% 2 = 0 flag, x
        from range(%d) lateral view explode(array(id)) t as x
        """
            .formatted(key, users));
    write(
        spark,
        "items",
        """
        select if(id = 3, coalesce(try_cast(1000003 as %1$s), cast(99 as %1$s)), cast(id as %1$s)) item_id, float(id %% 9) d2, id %% 10 s2,
          if(id %% 3 = 0, 'odd', null) s3, id x from range(%2$d)
        """
            .formatted(key, items));
    write(
        spark,
        "candidates",
        """
        select id pair, cast(if(id %% 31 = 0, null, least(int(id / 20), 42)) * 3 as %1$s) user_id,
          cast(if(id %% 37 = 0, null, id * id %% 44) as %1$s) item_id, float(id %% 8) d3,
          int(id %% 10) s4
        from range(900)
        """
            .formatted(key));
  }

  private void write(SparkSession spark, String name, String sql) {
    spark.sql(sql).repartition(2).write().parquet(folder.resolve(name).toString());
  }

  private Dataset<Row> pairs(Optional<String> where, String... threshold) {
    SparkSession session = LocalSpark.session();
    for (String bytes : threshold) {
      session.conf().set("spark.sql.autoBroadcastJoinThreshold", bytes);
    }
    return new InputReader(session)
        .read(
            new InputConf(
                new InputConf.Candidates(
                    new InputConf.KeyedTable("users", path("users"), "user_id"),
                    new InputConf.KeyedTable("items", path("items"), "item_id"),
                    path("candidates")),
                where))
        .rows();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static List<String> sorted(Dataset<Row> rows) {
    return rows.orderBy("pair").collectAsList().stream().map(Row::toString).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyint", "smallint", "int", "bigint", "string"})
  void rowsAreThoseOfAJoin(String key) {
    write(key, key.equals("tinyint") ? 40 : 42, 43);

    Dataset<Row> lookedUp = pairs(Optional.empty());
    Dataset<Row> joined = pairs(Optional.empty(), NOTHING_IS_SENT);

    assertThat(Plans.all(Plans.executed(lookedUp), LookupExec.class)).hasSize(2);
    assertThat(Plans.all(Plans.executed(joined), LookupExec.class)).isEmpty();
    assertThat(Plans.all(Plans.executed(joined), SortMergeJoinExec.class)).hasSize(2);
    assertThat(lookedUp.schema()).isEqualTo(joined.schema());
    assertThat(sorted(lookedUp)).hasSize(900).isEqualTo(sorted(joined));
  }

  @Test
  void integersOfOtherWidthsMeet() {
    write("bigint", 42, 43);
    LocalSpark.session()
        .sql(
            "select pair, int(user_id) user_id, smallint(item_id) item_id from parquet.`%s`"
                .formatted(path("candidates")))
        .write()
        .parquet(path("narrow"));
    Dataset<Row> expected = pairs(Optional.empty(), NOTHING_IS_SENT).select("pair", "d0", "s2");

    Dataset<Row> lookedUp =
        new InputReader(LocalSpark.session())
            .read(
                new InputConf(
                    new InputConf.Candidates(
                        new InputConf.KeyedTable("users", path("users"), "user_id"),
                        new InputConf.KeyedTable("items", path("items"), "item_id"),
                        path("narrow")),
                    Optional.empty()))
            .rows();

    assertThat(Plans.all(Plans.executed(lookedUp), LookupExec.class)).hasSize(2);
    assertThat(sorted(lookedUp.select("pair", "d0", "s2"))).isEqualTo(sorted(expected));
  }

  @Test
  void emptyTablesHaveNobody() {
    write("bigint", 0, 0);

    Dataset<Row> lookedUp = pairs(Optional.empty());

    assertThat(Plans.all(Plans.executed(lookedUp), LookupExec.class)).hasSize(2);
    assertThat(lookedUp.where("d0 is null and s3 is null and `nightjar.users` is null").count())
        .isEqualTo(900);
  }

  @Test
  void keysOfOtherTypesAreJoined() {
    write("decimal(12, 0)", 42, 43);

    assertThat(Plans.all(Plans.executed(pairs(Optional.empty())), LookupExec.class)).isEmpty();
  }

  @Test
  void aConditionLeavesPairsOutBefore() {
    write("bigint", 42, 43);
    Optional<String> where = Optional.of("d3 > 2 and pair < 500");

    Dataset<Row> lookedUp = pairs(where);

    SparkPlan plan = Plans.executed(lookedUp);
    assertThat(Plans.all(plan, LookupExec.class)).hasSize(2);
    LookupExec inner = Plans.all(plan, LookupExec.class).get(1);
    assertThat(inner.rows()).isInstanceOf(RowToColumnarExec.class);
    assertThat(Plans.all(inner.rows(), FilterExec.class)).hasSize(1);
    assertThat(sorted(lookedUp)).isEqualTo(sorted(pairs(where, NOTHING_IS_SENT)));
  }

  @Test
  void aKeyThatIsThereTwiceIsRefusedWhoeverReads() {
    write("bigint", 42, 43);
    append("users", "select 6L user_id");

    assertThatThrownBy(() -> pairs(Optional.empty()).select("pair", "d0").collectAsList())
        .isInstanceOf(JobException.class)
        .hasMessage(refused("user_id", "users", "6 in 2 rows", path("users")));
  }

  /** Rows with these keys and whatever values. */
  private void append(String table, String keys) {
    Dataset<Row> rows = LocalSpark.session().sql(keys);
    rows.crossJoin(read(table).limit(1).drop(rows.columns()))
        .write()
        .mode("append")
        .parquet(path(table));
  }

  private static String refused(String key, String table, String examples, String path) {
    return "Invalid %s of %s: %s, expected one row for each value, and none for null (%s)"
        .formatted(key, table, examples, path);
  }

  /** In the words in which it is where pairs are joined, and before anything is scored. */
  @ParameterizedTest
  @ValueSource(strings = {"int", "bigint", "string"})
  void aRunWithKeysThatAreNullOrThereTwiceScoresNothing(String key) throws Exception {
    write(key, 42, 43);
    TinyModel.write(folder.resolve("model"), 4, 5, 10);
    append(
        "users",
        "select cast(x as %s) user_id from values (6), (39), (6), (null) t(x)".formatted(key));
    append("items", "select cast(7 as %s) item_id".formatted(key));
    String examples =
        key.equals("string")
            ? "null in 1 row, 39 in 2 rows, 6 in 3 rows"
            : "null in 1 row, 6 in 3 rows, 39 in 2 rows";
    String error = error(refused("user_id", "users", examples, "file:" + path("users")));

    try (StartedJobs jobs = new StartedJobs()) {
      assertThat(job(submitted(), "looked-up", "null"))
          .isEqualTo(new JobRun(ExitCode.INPUT, "", error));
      assertThat(jobs.names())
          .contains("1 by collect at SentTables.java")
          .noneMatch(name -> name.contains("save"));
    }
    assertThat(job(submitted(NOTHING_IS_SENT), "joined", "null"))
        .isEqualTo(new JobRun(ExitCode.INPUT, "", error));
    assertThat(folder.resolve("looked-up/_MANIFEST.json")).doesNotExist();
  }

  @Test
  void keysOfTheSecondTableAreLookedAtWithoutAnyPair() throws IOException {
    write("bigint", 42, 43);
    TinyModel.write(folder.resolve("model"), 4, 5, 10);
    append("items", "select 7L item_id");

    assertThat(job(submitted(), "none", "null", "-D", "input.where=pair < 0").err())
        .isEqualTo(error(refused("item_id", "items", "7 in 2 rows", "file:" + path("items"))));
  }

  private static String error(String message) {
    return "nightjar: error: " + message + "\n";
  }

  /** Nothing is shuffled, and no table is read but to be sent. */
  @Test
  void aRunStartsFewJobs() throws Exception {
    write("bigint", 42, 43);
    TinyModel.write(folder.resolve("model"), 4, 5, 10);

    try (StartedJobs jobs = new StartedJobs()) {
      run("few", "null");

      assertThat(jobs.names())
          .containsExactly(
              "1 by parquet at InputReader.java",
              "1 by parquet at InputReader.java",
              "1 by parquet at InputReader.java",
              "1 by collect at SentTables.java",
              "1 by collect at SentTables.java",
              "1 by save at UnitWriter.java");
    }
  }

  /** The same rows, in the same order of columns, found by another one of them. */
  @Test
  void oneTableByTwoKeys() {
    write(LocalSpark.session(), "users", "select id user_id, 9 - id item_id from range(10)");
    write(
        LocalSpark.session(),
        "candidates",
        "select id pair, id % 10 user_id, id % 7 item_id from range(100)");
    ScoringInput input =
        new InputReader(LocalSpark.session())
            .read(
                new InputConf(
                    new InputConf.Candidates(
                        new InputConf.KeyedTable("users", path("users"), "user_id"),
                        new InputConf.KeyedTable("items", path("users"), "item_id"),
                        path("candidates")),
                    Optional.empty()));

    assertThat(Plans.all(Plans.executed(input.rows()), LookupExec.class)).hasSize(2);
    assertThat(
            input
                .rows()
                .where("`users.item_id` = 9 - user_id and `items.user_id` = 9 - item_id")
                .count())
        .isEqualTo(100);
  }

  /** From the scan of the pairs to their scores there are columns alone. */
  @Test
  void noRowIsMadeOfAPair() {
    write("bigint", 42, 43);
    ScoringSpec spec = spec().withBadRows(BadRows.NULL);

    Dataset<Row> scored = Nightjar.score(pairs(Optional.empty()), spec);
    Dataset<Row> joined = Nightjar.score(pairs(Optional.empty(), NOTHING_IS_SENT), spec);

    LookupExec outer = (LookupExec) Plans.score(scored).child();
    LookupExec inner = (LookupExec) outer.rows();
    assertThat(inner.rows())
        .isInstanceOfSatisfying(
            FileSourceScanExec.class, scan -> assertThat(scan.supportsColumnar()).isTrue());
    assertThat(Plans.all(outer.table(), RowToColumnarExec.class)).isEmpty();
    assertThat(Plans.all(inner.table(), RowToColumnarExec.class)).isEmpty();
    List<String> scores = sorted(scored.select("pair", "score", "logit", "text", "`users.x`"));
    assertThat(scores)
        .hasSize(900)
        .isEqualTo(sorted(joined.select("pair", "score", "logit", "text", "`users.x`")));
    assertThat(scores).filteredOn(row -> !row.contains(",null,null,")).hasSizeGreaterThan(500);
    assertThat(scored.collectAsList()).hasSize(900);
    assertThat(Plans.metric(Plans.score(scored), "columnarRows")).isEqualTo(900);
  }

  /** Columns of the tables that nobody reads do not reach the executors. */
  @Test
  void tablesArePruned() {
    write("bigint", 42, 43);

    Dataset<Row> scored = Nightjar.score(pairs(Optional.empty()), spec()).select("pair", "score");

    assertThat(
            Plans.all(Plans.executed(scored), LookupExec.class).stream()
                .map(lookup -> String.join(" ", lookup.table().schema().fieldNames())))
        .containsExactlyInAnyOrder("nightjar.users.key d0 d1 s0 s1", "nightjar.items.key d2 s2 s3");
  }

  private ScoringSpec spec() {
    ScoringSpec spec =
        ScoringSpec.of(TinyModel.write(folder.resolve("model"), 4, 5, 10).toString())
            .withBatchSize(128)
            .withLogitColumn("logit")
            .withOutOfRange(new OutOfRange.RowId(4))
            .withFeature("s3", FeatureSource.column("s3").withHashMod(10).withKey("item_id"));
    for (String name : List.of("d0", "d1", "s0", "s1")) {
      spec = spec.withFeature(name, source(name).withKey("user_id"));
    }
    for (String name : List.of("d2", "s2")) {
      spec = spec.withFeature(name, source(name).withKey("item_id"));
    }
    return spec;
  }

  private static FeatureSource source(String name) {
    FeatureSource source = FeatureSource.column(name);
    return name.equals("d0") ? source.withNullValue(1.5).withTransform(Transform.LOG1P) : source;
  }

  /** Whole runs of several units: every row of the output and every count of the manifest. */
  @ParameterizedTest
  @ValueSource(strings = {"quarantine", "null"})
  void aRunIsThatOfAJoin(String badRows) throws IOException {
    write("bigint", 42, 43);
    TinyModel.write(folder.resolve("model"), 4, 5, 10);

    Manifest lookedUp = run("looked-up", badRows);
    Manifest joined = run("joined", badRows, NOTHING_IS_SENT);

    assertThat(lookedUp.units()).hasSize(2);
    assertThat(counts(lookedUp.statistics())).isEqualTo(counts(joined.statistics()));
    assertThat(lookedUp.statistics().badRows())
        .containsOnlyKeys(
            BadRowReason.MISSING_USER, BadRowReason.MISSING_ITEM, BadRowReason.NULL_VALUE);
    assertThat(lookedUp.statistics().stageNanos()).containsKey(Stage.LOOK_UP);
    assertThat(joined.statistics().stageNanos()).doesNotContainKey(Stage.LOOK_UP);
    assertThat(sorted(read("looked-up"))).isEqualTo(sorted(read("joined")));
    if (badRows.equals("quarantine")) {
      assertThat(sorted(read("looked-up-quarantine")))
          .isNotEmpty()
          .isEqualTo(sorted(read("joined-quarantine")));
    }
  }

  private Dataset<Row> read(String name) {
    return LocalSpark.session().read().parquet(path(name));
  }

  /** But for times and batches, and the moments of scores that are added up in another order. */
  private static List<Object> counts(ScoringStatistics counted) {
    return List.of(
        counted.rowsIn(),
        counted.rowsOut(),
        counted.badRows(),
        counted.sparse(),
        counted.dense(),
        counted.scored());
  }

  private Manifest run(String name, String badRows, String... threshold) throws IOException {
    JobRun run = job(submitted(threshold), name, badRows);
    assertThat(run.err()).isEmpty();
    return ManifestFile.parse("m", Files.readString(folder.resolve(name + "/_MANIFEST.json")));
  }

  private static SparkConf submitted(String... threshold) {
    SparkConf submitted = new SparkConf(false).set("spark.master", "local[2]");
    for (String bytes : threshold) {
      submitted.set("spark.sql.autoBroadcastJoinThreshold", bytes);
    }
    return submitted;
  }

  private JobRun job(SparkConf submitted, String name, String badRows, String... more)
      throws IOException {
    Path conf = folder.resolve(name + ".conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = model, bad-rows = %s, max-bad-fraction = 1, out-of-range = 4
          input {
            users { path = users, key = user_id }
            items { path = items, key = item_id }
            candidates = candidates
          }
          features {
            d0 { null = 1.5, transform = log1p }
            s3 { hash-mod = 10 }
          }
          output {
            path = %s, partition-by-run-date = false, unit-size = 1
            keep-columns = [pair, user_id, text, deep, names, money, born, flag, items.x]
          }
        }
        """
            .formatted(badRows, name));
    return JobRun.of(
        submitted,
        Stream.concat(Stream.of("score", "--config", conf.toString()), Stream.of(more))
            .toArray(String[]::new));
  }
}
