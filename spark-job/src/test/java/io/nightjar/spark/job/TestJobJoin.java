package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users, items and candidates: the pairs' scores are those of the same pairs as flat examples. */
class TestJobJoin {
  private static final int USERS = 20;
  private static final int ITEMS = 30;

  @TempDir static Path folder;

  @BeforeAll
  static void write() {
    SparkSession spark = LocalSpark.session();
    Goldens.examples(spark, "dlrm-cat").createOrReplaceTempView("golden");
    write(
        spark,
        "users",
        "select row_id as user_id, d0, d1, s0, d2 as x from golden where row_id < " + USERS);
    write(
        spark,
        "items",
        "select row_id as item_id, d2, d3, s1, d4 as x from golden where row_id < " + ITEMS);
    write(
        spark,
        "candidates",
        "select id as pair, id %% %d as user_id, id %% %d as item_id, float(id) / 500 as d4 from range(500)"
            .formatted(USERS, ITEMS));
    write(
        spark,
        "flat",
        """
        select pair, user_id, item_id, u.d0, u.d1, i.d2, i.d3, c.d4, i.x as d5, u.s0, i.s1
        from parquet.`%s/candidates` c join parquet.`%s/users` u using (user_id)
          join parquet.`%s/items` i using (item_id)
        """
            .formatted(folder, folder, folder));
    // One user and three items are not there; three pairs have no user id.
    write(
        spark,
        "lacking",
        """
        select id as pair, if(id %% 100 = 1, null, id %% %d) as user_id, id %% %d as item_id, 0f as d4
        from range(300)
        """
            .formatted(USERS + 1, ITEMS + 3));
  }

  @Test
  void pairsHaveTheScoresOfFlatExamples() throws IOException {
    assertThat(score("flat", "examples = flat", "fail").err()).isEmpty();
    JobRun joined = score("joined", pairs("candidates"), "fail");

    assertThat(joined.err()).isEmpty();
    assertThat(joined.out()).contains("scored 500 rows", "input     500 rows of");
    assertThat(
            DuckDb.rows(
                """
                select count(*), count(*) filter (j.score = f.score and j.user_id = f.user_id
                  and j.item_id = f.item_id) from %s j join %s f using (pair)
                """
                    .formatted(scores("joined"), scores("flat"))))
        .containsExactly("500,500");
  }

  /** Users and items are brought together once, and the pairs of two units to them. */
  @Test
  void pairsThatAreBroughtToLargeTablesHaveTheSameScores() throws IOException {
    assertThat(score("sent", pairs("candidates"), "fail").err()).isEmpty();
    SparkConf nothingIsSmall =
        new SparkConf(false)
            .set("spark.master", "local[2]")
            .set("spark.sql.autoBroadcastJoinThreshold", "-1");
    JobRun moved =
        score(nothingIsSmall, "moved", pairs("candidates"), "fail", "-D", "output.unit-size=1");

    assertThat(moved.err()).isEmpty();
    String manifest = Files.readString(folder.resolve("scores/moved/_MANIFEST.json"));
    assertThat(ManifestFile.parse("m", manifest).units()).hasSize(2);
    assertThat(
            DuckDb.rows(
                "select count(*), count(*) filter (m.score = s.score) from %s m join %s s using (pair)"
                    .formatted(scores("moved"), scores("sent"))))
        .containsExactly("500,500");
  }

  @Test
  void aCandidateWithoutUserOrItemIsABadRow() throws IOException {
    JobRun failed = score("failed", pairs("lacking"), "fail");
    assertThat(failed.exit()).isEqualTo(ExitCode.INPUT);
    assertThat(failed.err())
        .matches(
            "nightjar: error: Cannot score a row: no row of (users has its user_id|items has its"
                + " item_id); the row: pair=\\d+, user_id=(\\d+|null), item_id=\\d+\n");
    String bad =
        "select count(*) filter (user_id is null or user_id >= %d or item_id >= %d) from '%s/*.parquet'"
            .formatted(USERS, ITEMS, folder.resolve("lacking"));
    long expected = Long.parseLong(DuckDb.rows(bad).get(0));

    JobRun dropped = score("dropped", pairs("lacking"), "drop");
    assertThat(dropped.err()).isEmpty();
    assertThat(DuckDb.rows("select count(*), count(score) from " + scores("dropped")))
        .containsExactly((300 - expected) + "," + (300 - expected));

    JobRun nulled = score("nulled", pairs("lacking"), "null");
    assertThat(nulled.err()).isEmpty();
    assertThat(DuckDb.rows("select count(*), count(score) from " + scores("nulled")))
        .containsExactly("300," + (300 - expected));
    assertThat(nulled.out()).contains("bad rows  " + expected + " scored NULL\n");
  }

  @Test
  void collidingColumnsAreNamedByTheirTable() throws IOException {
    JobRun run =
        score(
            "all",
            pairs("candidates"),
            "fail",
            "-D",
            "output.keep-columns=[pair, users.x, items.x]");

    assertThat(run.err()).isEmpty();
    assertThat(
            DuckDb.rows("select column_name from (describe select * from " + scores("all") + ")"))
        .containsExactly("pair", "users.x", "items.x", "score");
  }

  @Test
  void everyColumnIsKeptWithoutTheJoinsOwn() throws IOException {
    assertThat(
            score("star", pairs("candidates"), "fail", "-D", "output.keep-columns=[\"*\"]").err())
        .isEmpty();
    assertThat(
            DuckDb.rows("select column_name from (describe select * from " + scores("star") + ")"))
        .isEqualTo(
            List.of(
                "pair", "user_id", "item_id", "d4", "d0", "d1", "s0", "users.x", "d2", "d3", "s1",
                "items.x", "score"));
  }

  @Test
  void everyTableIsCounted() throws IOException {
    assertThat(score("counted", pairs("candidates"), "fail", "-D", "input.where=pair < 100").err())
        .isEmpty();

    String manifest = Files.readString(folder.resolve("scores/counted/_MANIFEST.json"));
    assertThat(ManifestFile.parse("m", manifest).inputs())
        .extracting(Manifest.Input::name, Manifest.Input::rows)
        .containsExactly(
            tuple("input.candidates", Optional.of(500L)),
            tuple("input.users.path", Optional.of((long) USERS)),
            tuple("input.items.path", Optional.of((long) ITEMS)));
    assertThat(ManifestFile.parse("m", manifest).statistics().rowsIn()).isEqualTo(100);
  }

  private static String pairs(String candidates) {
    return """
    users { path = users, key = user_id }, items { path = items, key = item_id }
    candidates = %s
    """
        .formatted(candidates);
  }

  private static JobRun score(String name, String input, String badRows, String... more)
      throws IOException {
    return score(new SparkConf(false).set("spark.master", "local[2]"), name, input, badRows, more);
  }

  private static JobRun score(
      SparkConf submitted, String name, String input, String badRows, String... more)
      throws IOException {
    Path conf = folder.resolve(name + ".conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { %s }
          bad-rows = %s, max-bad-fraction = 1
          %s
          output {
            path = scores/%s, keep-columns = [pair, user_id, item_id], partition-by-run-date = false
          }
        }
        """
            .formatted(
                Goldens.folder("dlrm-cat"),
                input,
                badRows,
                name.equals("flat") ? "" : "features.d5 = { column = items.x }",
                name));
    String[] args = new String[3 + more.length];
    args[0] = "score";
    args[1] = "--config";
    args[2] = conf.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return JobRun.of(submitted, args);
  }

  private static String scores(String name) {
    return DuckDb.parquet(folder.resolve("scores").resolve(name));
  }

  private static void write(SparkSession spark, String name, String sql) {
    spark.sql(sql).repartition(2).write().parquet(folder.resolve(name).toString());
  }
}
