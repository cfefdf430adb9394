package io.nightjar.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The trainer's scores, through the operator. */
class TestGoldens {
  static List<String> names() {
    return Goldens.NAMES;
  }

  @ParameterizedTest
  @MethodSource("names")
  void scoresAreTheTrainers(String name) {
    var session = LocalSpark.session();
    Dataset<Row> examples = Goldens.examples(session, name);
    Dataset<Row> scored = Nightjar.score(examples, Goldens.spec(name));
    check(scored, Goldens.expected(session, name));
  }

  private static void check(Dataset<Row> scored, Map<Long, double[]> expected) {
    List<Row> rows = scored.selectExpr("bigint(row_id)", "score", "logit").collectAsList();
    assertThat(rows).hasSameSizeAs(expected.keySet());
    for (Row row : rows) {
      double[] scoreAndLogit = expected.get(row.getLong(0));
      assertThat((double) row.getFloat(1)).isCloseTo(scoreAndLogit[0], within(1e-5));
      assertThat((double) row.getFloat(2)).isCloseTo(scoreAndLogit[1], within(1e-4));
    }
  }
}
