package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestExplanation {
  private static SparkSession spark;

  private static final String PAIRS =
      """
      input { users { path = users, key = user_id }
              items { path = users, key = user_id }, candidates = examples }
      """;

  @TempDir static Path folder;

  @BeforeAll
  static void write() {
    spark = LocalSpark.session();
    Goldens.examples(spark, "dlrm-cat")
        .selectExpr("*", "d0 as I1", "string(row_id) as C1", "row_id as user_id")
        .write()
        .partitionBy("user_id")
        .parquet(folder.resolve("examples").toString());
    spark.range(3).toDF("user_id").write().parquet(folder.resolve("users").toString());
  }

  @Test
  void aConfigOfColumnsStaysColumnar() throws IOException {
    List<String> lines =
        explain(
            """
            input { examples = examples, where = "user_id < 5" }
            features {
              d0 = { column = I1, null = 0.5, transform = log1p }
              d1 = { key = user_id }
              s0 = { column = C1, hash-mod = 100, key = user_id }
            }
            batch-size = 1000, backend = cpu
            """);

    // How far the columns stand apart depends on where the test's folder is.
    assertThat(lines.stream().map(line -> line.strip().replaceAll(" {2,}", "  ")))
        .contains(
            "batch-size  1000  job.conf:10",
            "precision  \"fp32\"  default",
            "d0 <- I1, null is 0.5, then log1p",
            "d1 <- d1, once a user_id",
            "s0 <- C1, xxhash64 modulo 100, once a user_id -> table emb_l.0, 500 rows",
            "cpu fp32 (backend = cpu)",
            "Score reads columns.");
    assertThat(lines).anyMatch(line -> line.contains("PartitionFilters: [") && line.contains("5)"));
    assertScoreOverScan(lines);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aKeyIsAColumnOfIntegersOrStrings() throws IOException {
    String keyed = "input { examples = examples }, features.d0.key = %s, features.d1.key = %s";

    assertThat(error(keyed.formatted("I9", "I9")))
        .startsWith("nightjar: error: Cannot find columns I9 (features.d0.key), I9");
    assertThat(error(keyed.formatted("d2", "d2")))
        .isEqualTo(
            "nightjar: error: Invalid key d2: float, expected byte, short, int, long or string\n");
  }

  @Test
  void moreThanAHundredColumnsStayColumnar() throws IOException {
    String columns =
        IntStream.range(0, 150).mapToObj(i -> "id as x" + i).collect(Collectors.joining(", "));
    spark
        .sql(
            "select %s, 0f as d0, 0f as d1, 0f as d2, 0f as d3, 0f as d4, 0f as d5, id as s0, id as s1 from range(9)"
                .formatted(columns))
        .write()
        .parquet(folder.resolve("wide").toString());

    List<String> lines = explain("input { examples = wide }");

    assertThat(lines).contains("  Score reads columns.");
    assertScoreOverScan(lines);
  }

  @Test
  void whatMakesRowsIsNamed() throws IOException {
    assertThat(explain("input { examples = examples }, features.d0 = { sql = \"d1 * 2\" }"))
        .contains("  d0 <- sql d1 * 2", "  Score reads rows: features.d0.sql is an expression.");
    assertThat(explain("input { examples = examples, where = \"d1 > 0\" }"))
        .contains(
            "  Score reads rows: a filter on data gives rows; one on partition columns would not.");
    SparkConf nothingIsSmall =
        new SparkConf(false)
            .set("spark.master", "local[2]")
            .set("spark.sql.autoBroadcastJoinThreshold", "-1");
    JobRun joined = JobRun.of(nothingIsSmall, "explain", "--config", conf(PAIRS).toString());
    assertThat(joined.out())
        .contains("\n  Score reads rows: a join gives rows.\n", "pairs are brought to them");
  }

  @Test
  void pairsThatAreLookedUpStayColumns() throws IOException {
    assertThat(explain(PAIRS))
        .contains("  Score reads columns.", "Join")
        .anyMatch(line -> line.matches("  users  .* B, sent to every executor: at most .*"))
        .anyMatch(line -> line.contains("+- Lookup [items, user_id#"));
  }

  @Test
  void memoryIsReckoned() throws IOException {
    List<String> lines = explain("input { examples = examples }, batch-size = 1000");

    // 6 dense features of 4 bytes a row; 2 sparse ones of an offset of 4 bytes and a row id, or a
    // value to hash, of as many, and an offset more.
    int scorers = Runtime.getRuntime().availableProcessors() + 1;
    assertThat(lines)
        .contains(
            "  direct     %10s  batches of %d scorers, 1000 rows each, at one row id a bag"
                .formatted(Sizes.of(scorers * (6 * 4000L + 2 * 8004L)), scorers),
            // 6-32-16 and (16 + 2 * 16)-40-1, with biases.
            "  weights    %10s  MLPs and cross network as fp32"
                .formatted(Sizes.of(4L * (7 * 32 + 33 * 16 + 49 * 40 + 41))),
            "  device            0 B  the CPU backend has none",
            "  pinned            0 B  the CPU backend pins nothing",
            "  overhead    384.0 MiB  spark.executor.memoryOverhead must hold all but the mapped: it"
                + " does");
  }

  /** Nothing stands between the two in the tree. */
  private static void assertScoreOverScan(List<String> lines) {
    List<String> plan = lines.stream().map(line -> line.replaceAll("^[ :+*()0-9-]*", "")).toList();
    int score = 0;
    while (!plan.get(score).startsWith("Score ")) {
      score++;
    }
    assertThat(plan.get(score + 1)).startsWith("FileScan parquet").contains("Batched: true");
  }

  private static List<String> explain(String text) throws IOException {
    JobRun run = run(text);
    assertThat(run.err()).isEmpty();
    return run.out().lines().toList();
  }

  private static String error(String text) throws IOException {
    JobRun run = run(text);
    assertThat(run.exit()).isEqualTo(ExitCode.INPUT);
    return run.err();
  }

  private static JobRun run(String text) throws IOException {
    return JobRun.of("explain", "--config", conf(text).toString());
  }

  private static Path conf(String text) throws IOException {
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
            .formatted(Goldens.folder("dlrm-cat"), text));
    return conf;
  }
}
