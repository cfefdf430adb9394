package io.nightjar.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.spark.plan.ScoreExec;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The trainer's scores, through the operator: however the rows come, in whatever batches. */
class TestGoldens {
  private static final int LARGER_THAN_THE_INPUT = 5000;

  static List<String> names() {
    return Goldens.NAMES;
  }

  @TempDir private Path temp;

  @ParameterizedTest
  @MethodSource("names")
  void scoresAreTheTrainers(String name) {
    SparkSession session = LocalSpark.session();
    // A file is a partition: Spark would pack small files together.
    session.conf().set("spark.sql.files.openCostInBytes", "1g");
    Map<Long, double[]> expected = Goldens.expected(session, name);
    Dataset<Row> one = Goldens.examples(session, name);
    String folder = temp.resolve("seven").toString();
    one.repartition(7).write().parquet(folder);
    Dataset<Row> seven = session.read().parquet(folder);
    assertThat(one.rdd().getNumPartitions()).isEqualTo(1);
    assertThat(seven.rdd().getNumPartitions()).isEqualTo(7);
    Dataset<Row> ids = session.range(0, expected.size()).withColumnRenamed("id", "row_id");

    for (int batchSize : List.of(1, 7, LARGER_THAN_THE_INPUT)) {
      ScoringSpec spec = Goldens.spec(name).withBatchSize(batchSize);
      for (Dataset<Row> examples : List.of(one, seven)) {
        check(Nightjar.score(examples, spec), expected, true);
        Dataset<Row> joined = examples.join(ids.hint("broadcast"), "row_id");
        check(Nightjar.score(joined, spec), expected, false);
      }
    }
  }

  private static void check(
      Dataset<Row> scored, Map<Long, double[]> expected, boolean fromColumns) {
    Dataset<Row> result = scored.select("row_id", "score", "logit");
    List<Row> rows = result.collectAsList();
    assertThat(rows).hasSameSizeAs(expected.keySet());
    for (Row row : rows) {
      double[] scoreAndLogit = expected.get(row.getLong(0));
      assertThat((double) row.getFloat(1)).isCloseTo(scoreAndLogit[0], within(1e-5));
      assertThat((double) row.getFloat(2)).isCloseTo(scoreAndLogit[1], within(1e-4));
    }
    ScoreExec score = Plans.score(result);
    assertThat(Plans.metric(score, "samples")).isEqualTo(rows.size());
    assertThat(Plans.metric(score, "columnarRows")).isEqualTo(fromColumns ? rows.size() : 0);
  }
}
