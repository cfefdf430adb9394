package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.RequiredColumn;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestInputReader {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.session();
  }

  @Test
  void examplesAreReadAsTheyAre() {
    write("examples", "select id, id * 2 as x from range(10)");

    ScoringInput input = read(examples("examples", Optional.of("x > 10")));

    assertThat(input.rows().columns()).containsExactly("id", "x");
    assertThat(input.counted().count()).isEqualTo(4);
    assertThat(input.required()).isEmpty();
    assertThat(input.tables()).isEmpty();
  }

  @Test
  void everyCandidateGetsItsUserAndItem() {
    write("users", "select * from values (1L, 10, 'u1'), (2L, 20, 'u2') as t(user_id, age, x)");
    write("items", "select * from values (7, 1.5d, 'i7', 0) as t(item_id, price, x, user_id)");
    write(
        "candidates",
        "select * from values (1, 7L, 'a'), (2, 8L, 'b'), (3, 7L, 'c'), (null, 7L, 'd')"
            + " as t(user_id, item_id, ctx)");

    ScoringInput input = read(candidates(Optional.empty()));

    assertThat(input.rows().columns())
        .containsExactly(
            "user_id",
            "item_id",
            "ctx",
            "age",
            "users.x",
            "nightjar.users",
            "price",
            "items.x",
            "items.user_id",
            "nightjar.items");
    assertThat(input.rows().orderBy("ctx").collectAsList().stream().map(Row::mkString).toList())
        .containsExactly(
            "17a10u1true1.5i70true",
            "28b20u2truenullnullnullnull",
            "37cnullnullnull1.5i70true",
            "null7dnullnullnull1.5i70true");
    assertThat(input.counted().count()).isEqualTo(4);
    assertThat(input.required())
        .containsExactly(
            new RequiredColumn(
                "`nightjar.users`",
                BadRowReason.MISSING_USER,
                "user_id",
                "no row of users has its user_id"),
            new RequiredColumn(
                "`nightjar.items`",
                BadRowReason.MISSING_ITEM,
                "item_id",
                "no row of items has its item_id"));
  }

  @Test
  void theConditionChoosesAmongTheCandidates() {
    write("users", "select 1L as user_id");
    write("items", "select 7L as item_id");
    write("candidates", "select 1L as user_id, 7L as item_id, id as ctx from range(5)");

    assertThat(read(candidates(Optional.of("ctx < 2"))).rows().count()).isEqualTo(2);
  }

  @Test
  void keysOfOtherTypesAreRefused() {
    write("users", "select '1' as user_id");
    write("items", "select 7L as item_id");
    write("candidates", "select 1L as user_id, 7L as item_id");

    assertInputError(
        () -> read(candidates(Optional.empty())),
        "Cannot join users: their user_id is string, that of the candidates is bigint");
  }

  @Test
  void allMissingKeysAreNamedAtOnce() {
    write("users", "select 1 as id, 2 as age");
    write("items", "select 7L as item_id");
    write("candidates", "select 1L as user_id, 7L as item");

    assertInputError(
        () -> read(candidates(Optional.empty())),
        "Cannot find columns user_id (input.users.key, in users), item_id (input.items.key, in"
            + " candidates): users has id, age; items has item_id; candidates has user_id, item");
  }

  @Test
  void nullAndDuplicateKeysAreShown() {
    write(
        "users",
        "select * from values (1L), (2L), (2L), (3L), (null), (4L), (4L), (5L), (5L)"
            + " as t(user_id)");
    write("items", "select 7L as item_id");
    write("candidates", "select 1L as user_id, 7L as item_id");
    ScoringInput input = read(candidates(Optional.empty()));

    assertInputError(
        () -> KeyCheck.check(input.tables().get(0)),
        "Invalid user_id of users: null in 1 row, 2 in 2 rows, 4 in 2 rows and more, expected one"
            + " row for each value, and none for null ("
            + folder.resolve("users")
            + ")");
    KeyCheck.check(input.tables().get(1));
  }

  @Test
  void aPathThatIsNotThere() {
    assertInputError(
        () -> read(examples("absent", Optional.empty())),
        "Cannot read input.examples: " + folder.resolve("absent") + " does not exist");
  }

  @Test
  void aPathWithoutFiles() throws IOException {
    Files.createDirectories(folder.resolve("empty/_temporary"));
    Files.createFile(folder.resolve("empty/_SUCCESS"));
    assertInputError(
        () -> read(examples("empty", Optional.empty())),
        "Cannot read input.examples: there is no Parquet file in " + folder.resolve("empty"));
  }

  @Test
  void conditionsThatMakeNoSense() {
    write("examples", "select id, id * 2 as x from range(10)");

    assertInputError(
        () -> read(examples("examples", Optional.of("y > 3 and z = x"))),
        "Cannot find columns y (input.where), z (input.where): examples has id, x");
    assertThatThrownBy(() -> read(examples("examples", Optional.of("x >"))))
        .isInstanceOf(JobException.class)
        .hasMessage(
            "Invalid input.where: x >, expected a Spark SQL expression: [PARSE_SYNTAX_ERROR]"
                + " Syntax error at or near end of input. SQLSTATE: 42601 (line 1, pos 3)");
    assertThatThrownBy(() -> read(examples("examples", Optional.of("nofunction(x)"))))
        .isInstanceOf(JobException.class)
        .hasMessageStartingWith(
            "Invalid input.where: nofunction(x), expected a Spark SQL expression:"
                + " [UNRESOLVED_ROUTINE]");
  }

  private static ScoringInput read(InputConf input) {
    return new InputReader(spark.newSession()).read(input);
  }

  private InputConf examples(String name, Optional<String> where) {
    return new InputConf(new InputConf.Examples(folder.resolve(name).toString()), where);
  }

  private InputConf candidates(Optional<String> where) {
    return new InputConf(
        new InputConf.Candidates(
            new InputConf.KeyedTable("users", folder.resolve("users").toString(), "user_id"),
            new InputConf.KeyedTable("items", folder.resolve("items").toString(), "item_id"),
            folder.resolve("candidates").toString()),
        where);
  }

  private void write(String name, String sql) {
    spark.sql(sql).coalesce(1).write().parquet(folder.resolve(name).toString());
  }

  private static void assertInputError(Runnable action, String message) {
    assertThatThrownBy(action::run)
        .isInstanceOf(JobException.class)
        .hasMessage(message)
        .extracting(e -> ((JobException) e).exitCode())
        .isEqualTo(ExitCode.INPUT);
  }
}
