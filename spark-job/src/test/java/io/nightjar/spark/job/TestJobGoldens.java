package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.golden.Golden;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The scores that PyTorch gave in float64, through the whole job: from Parquet to Parquet, read
 * back by DuckDB.
 */
class TestJobGoldens {
  @TempDir static Path folder;

  static List<String> names() {
    return Goldens.NAMES;
  }

  static List<String> allNames() {
    return Golden.NAMES;
  }

  @BeforeAll
  static void write() {
    SparkSession spark = LocalSpark.session();
    spark.range(3).toDF("u").write().parquet(folder.resolve("users").toString());
    spark.range(2).toDF("i").write().parquet(folder.resolve("items").toString());
    for (String name : names()) {
      Dataset<Row> examples = Goldens.examples(spark, name);
      examples.repartition(7).write().parquet(folder.resolve(name + "-in-seven").toString());
      // The same rows, to be joined with users and items that have no features.
      examples
          .selectExpr("*", "pmod(row_id, 3) as u", "pmod(row_id, 2) as i")
          .write()
          .parquet(folder.resolve(name + "-candidates").toString());
    }
  }

  @ParameterizedTest
  @MethodSource("allNames")
  void fromColumnsInOnePartition(String name) throws IOException {
    check(name, "examples = " + Goldens.folder(name) + "/examples.parquet", "1");
    check(name, "examples = " + Goldens.folder(name) + "/examples.parquet", "7");
    check(name, "examples = " + Goldens.folder(name) + "/examples.parquet", "100000");
  }

  @ParameterizedTest
  @MethodSource("names")
  void fromColumnsInSevenPartitions(String name) throws IOException {
    check(name, "examples = " + name + "-in-seven", "auto");
  }

  @ParameterizedTest
  @MethodSource("names")
  void fromTheRowsOfAJoin(String name) throws IOException {
    String input =
        "users { path = users, key = u }, items { path = items, key = i }, candidates = "
            + name
            + "-candidates";
    check(name, input, "1");
    check(name, input, "7");
    check(name, input, "100000");
  }

  private static void check(String name, String input, String batchSize) throws IOException {
    Path conf = folder.resolve(name + ".conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { %s }
          batch-size = %s
          output {
            path = %s-scores, keep-columns = [row_id], logit-column = logit
            partition-by-run-date = false
          }
        }
        """
            .formatted(Goldens.folder(name), input, batchSize, name));

    JobRun run = JobRun.of("score", "--config", conf.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isEqualTo(ExitCode.OK);
    String scores = DuckDb.parquet(folder.resolve(name + "-scores"));
    String expected = "'" + Goldens.folder(name).resolve("expected.parquet") + "'";
    assertThat(
            DuckDb.rows(
                """
                select count(*) - count(distinct s.row_id), count(*) - count(distinct e.row_id),
                  count(*) filter (abs(s.score - e.score) > 1e-5 or abs(s.logit - e.logit) > 1e-4)
                from %s s full join %s e on s.row_id = e.row_id
                """
                    .formatted(scores, expected)))
        .containsExactly("0,0,0");
  }
}
