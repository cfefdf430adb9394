package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.RequiredColumn;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.execution.joins.SortMergeJoinExec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

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

  /** A table that is sent to every executor lets no pair move; else narrow rows move with pairs. */
  @Test
  void whatCrossesAnExchangeIsNarrow() {
    write("users", "select id user_id, " + columns("u", 20) + " from range(500)");
    write("items", "select id item_id, " + columns("i", 2) + " from range(400)");
    write("candidates", "select id pair, id * 7 % 510 user_id, id % 390 item_id from range(2000)");
    long items = size("items");
    assertThat(size("users")).isGreaterThan(items);

    Dataset<Row> allSent = joined(Optional.of(size("users")));
    Dataset<Row> itemsSent = joined(Optional.of(items));
    Dataset<Row> noneSent = joined(Optional.of(-1L));

    String pair = "pair user_id item_id";
    String ofUser = "nightjar.users.key nightjar.users" + " u%d".repeat(20);
    String wide = ofUser.formatted(IntStream.range(0, 20).boxed().toArray());
    assertThat(exchanges(allSent)).isEmpty();
    assertThat(exchanges(itemsSent)).containsExactlyInAnyOrder(words(pair), words(wide));
    // The items' two columns move with pairs, the users' twenty do not.
    String narrow = "i0 i1 nightjar.items";
    assertThat(exchanges(noneSent))
        .containsExactlyInAnyOrder(
            words(pair),
            words(narrow + " nightjar.items.key"),
            words(pair + " " + narrow),
            words(wide));
    SortMergeJoinExec last = Plans.all(Plans.executed(noneSent), SortMergeJoinExec.class).get(0);
    assertThat(last.leftKeys().head().sql()).isEqualTo("user_id"); // by which they are sorted
    assertThat(exchanges(joined(Optional.empty()))).isEmpty(); // without a word of the user's

    List<Row> expected = allSent.orderBy("pair").collectAsList();
    assertThat(expected).hasSize(2000);
    assertThat(itemsSent.orderBy("pair").collectAsList()).isEqualTo(expected);
    assertThat(noneSent.orderBy("pair").collectAsList()).isEqualTo(expected);
  }

  private static String columns(String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "double(xxhash64(id, " + i + ")) " + name + i)
        .collect(Collectors.joining(", "));
  }

  private long size(String table) {
    String path = folder.resolve(table).toString();
    return InputTable.of(table, path, spark.read().parquet(path)).bytes();
  }

  private Dataset<Row> joined(Optional<Long> threshold) {
    SparkSession session = LocalSpark.session();
    threshold.ifPresent(bytes -> session.conf().set("spark.sql.autoBroadcastJoinThreshold", bytes));
    return new InputReader(session).read(candidates(Optional.empty())).rows();
  }

  /** The columns that cross each exchange between executors. */
  private static List<Set<String>> exchanges(Dataset<Row> rows) {
    return Plans.all(Plans.executed(rows), ShuffleExchangeExec.class).stream()
        .map(
            exchange ->
                CollectionConverters.asJava(exchange.output()).stream()
                    .map(Attribute::name)
                    .collect(Collectors.toSet()))
        .toList();
  }

  private static Set<String> words(String names) {
    return Set.of(names.split(" "));
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
