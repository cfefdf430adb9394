package io.nightjar.spark.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import io.nightjar.spark.testing.TinyData;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.ExplainMode;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.RowToColumnarExec;
import org.apache.spark.sql.execution.SortExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.columnar.InMemoryTableScanExec;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.execution.joins.SortMergeJoinExec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code Score} as a citizen of Catalyst. */
class TestScorePlan {
  private static final int ROWS = 200;

  @TempDir private static Path folder;
  private static ScoringSpec spec;

  private final SparkSession session = LocalSpark.session();
  private final Dataset<Row> input = session.read().parquet(folder.resolve("data").toString());

  @BeforeAll
  static void write() {
    spec = ScoringSpec.of(TinyModel.write(folder.resolve("model"), 2, 2, 10).toString());
    TinyData.write(LocalSpark.session(), folder.resolve("data"), ROWS, 2, 2, 10);
  }

  @Test
  void allColumnsThenTheScore() {
    Dataset<Row> scored = Nightjar.score(input, spec.withLogitColumn("logit"));

    assertThat(scored.columns())
        .containsExactly("id", "d0", "d1", "s0", "s1", "day", "score", "logit");
    assertThat(scored.schema().apply("score").nullable()).isFalse();
  }

  @Test
  void liesDirectlyOnTheScan() {
    assertThat(Plans.score(Nightjar.score(input, spec)).child())
        .isInstanceOfSatisfying(
            FileSourceScanExec.class, scan -> assertThat(scan.supportsColumnar()).isTrue());
  }

  @Test
  void liesDirectlyOnTheScanInWhateverOrderColumnsAreSelected() {
    Dataset<Row> scored =
        Nightjar.score(input.select("s1", "day", "d1", "d0", "s0", "id"), spec)
            .select("score", "id");

    assertThat(Plans.score(scored).child()).isInstanceOf(FileSourceScanExec.class);
    assertThat(names(Plans.score(scored))).containsExactly("id", "score");
  }

  @Test
  void liesDirectlyOnAWideScan() {
    Path model = TinyModel.write(folder.resolve("wide-model"), 90, 30, 10);
    Dataset<Row> wide = TinyData.write(session, folder.resolve("wide"), 10, 90, 30, 10);
    session.conf().set("spark.sql.codegen.maxFields", "122");

    Dataset<Row> scored = Nightjar.score(wide, ScoringSpec.of(model.toString()));

    assertThat(Plans.score(scored).child())
        .isInstanceOfSatisfying(
            FileSourceScanExec.class, scan -> assertThat(scan.supportsColumnar()).isTrue());
    assertThat(scored.collectAsList()).hasSize(10);
    assertThat(Plans.metric(Plans.score(scored), "columnarRows")).isEqualTo(10);
  }

  @Test
  void takesRowsWithoutAConversionToColumns() {
    Dataset<Row> rows = input.withColumn("d0", input.col("d0").plus(1f));
    Dataset<Row> scored = Nightjar.score(rows, spec);

    assertThat(scored.collectAsList()).hasSize(ROWS);
    assertThat(Plans.all(Plans.executed(scored), RowToColumnarExec.class)).isEmpty();
    assertThat(Plans.score(scored).child().supportsColumnar()).isFalse();
  }

  @Test
  void explainNamesModelBackendPrecisionAndFeatures() {
    Dataset<Row> scored = Nightjar.score(input, spec);
    String node = "Score [tiny, cpu, fp32, d0#, d1#, s0#, s1#]";

    assertThat(explain(scored, "simple")).contains("+- " + node + "\n   +- FileScan parquet [");
    assertThat(explain(scored, "extended"))
        .containsSubsequence(
            "== Parsed Logical Plan ==\n",
            "+- " + node,
            "== Optimized Logical Plan ==\n" + node,
            "+- " + node);
    assertThat(explain(scored, "formatted"))
        .contains(") Score\n", "Arguments: [tiny, cpu, fp32, d0#, d1#, s0#, s1#]\n");
  }

  private static String explain(Dataset<Row> dataset, String mode) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) dataset)
        .queryExecution()
        .explainString(ExplainMode.fromString(mode))
        .replaceAll("#\\d+L?", "#");
  }

  @Test
  void unusedColumnsArePrunedDownToTheScan() {
    Dataset<Row> scored = Nightjar.score(input, spec).select("score");

    assertThat(names(Plans.score(scored))).containsExactly("score");
    assertThat(names(Plans.score(scored).child())).containsExactly("d0", "d1", "s0", "s1", "day");
  }

  @Test
  void partitionFilterReachesTheScan() {
    Dataset<Row> scored = Nightjar.score(input, spec).where("day = 1 and score >= 0");

    assertThat(scored.collectAsList()).hasSize(ROWS / 4);
    FileSourceScanExec scan = (FileSourceScanExec) Plans.score(scored).child();
    assertThat(scan.partitionFilters().toString()).contains("day", "= 1");
    assertThat(Plans.metric(Plans.score(scored), "samples")).isEqualTo(ROWS / 4);
  }

  @Test
  void dataFilterIsAppliedBeforeScoring() {
    Dataset<Row> scored = Nightjar.score(input, spec).where("id < 10");

    assertThat(scored.collectAsList()).hasSize(10);
    assertThat(Plans.metric(Plans.score(scored), "samples")).isEqualTo(10);
  }

  @Test
  void filterOnTheScoreOrOnChanceStaysAbove() {
    Dataset<Row> scored = Nightjar.score(input, spec).where("score > 2 and rand() < 2 + id");

    assertThat(scored.collectAsList()).isEmpty();
    assertThat(Plans.metric(Plans.score(scored), "samples")).isEqualTo(ROWS);
  }

  @Test
  void cacheIsHit() {
    Dataset<Row> cached = Nightjar.score(input, spec).cache();
    try {
      Dataset<Row> again = Nightjar.score(input, spec);
      Dataset<Row> other = Nightjar.score(input, spec.withBatchSize(3));

      assertThat(again.collectAsList()).hasSize(ROWS);
      assertThat(Plans.all(Plans.executed(again), InMemoryTableScanExec.class)).hasSize(1);
      assertThat(Plans.all(Plans.executed(other), InMemoryTableScanExec.class)).isEmpty();
    } finally {
      cached.unpersist(true);
    }
  }

  @Test
  void selfJoin() {
    Dataset<Row> scored = Nightjar.score(input, spec);
    Dataset<Row> joined =
        scored
            .alias("a")
            .join(scored.alias("b"), "id")
            .selectExpr("a.score = b.score same", "a.d0 = b.d0 kept");

    assertThat(joined.collectAsList())
        .hasSize(ROWS)
        .allMatch(row -> row.getBoolean(0) && row.getBoolean(1));
  }

  @Test
  void selfJoinOfNestedScores() {
    Dataset<Row> nested = nested();
    Dataset<Row> joined =
        nested.alias("a").join(nested.alias("b"), "id").where("a.again = b.again");

    assertThat(joined.collectAsList()).hasSize(ROWS);
  }

  @Test
  void selfUnion() {
    Dataset<Row> scored = Nightjar.score(input, spec);
    Dataset<Row> union = scored.union(scored).groupBy("id", "score").count();

    assertThat(union.where("count = 2").collectAsList()).hasSize(ROWS);
  }

  @Test
  void nestedScores() {
    List<Row> rows = nested().select("score", "again").collectAsList();

    assertThat(rows).hasSize(ROWS).allMatch(row -> row.getFloat(0) == row.getFloat(1));
  }

  private Dataset<Row> nested() {
    return Nightjar.score(Nightjar.score(input, spec), spec.withScoreColumn("again"));
  }

  @Test
  void scoreAsAFeatureOfAnotherScore() {
    Dataset<Row> scored =
        Nightjar.score(
            Nightjar.score(input, spec),
            spec.withScoreColumn("again").withFeature("d0", FeatureSource.column("score")));

    assertThat(scored.where("again <> score").count()).isPositive();
    assertThat(Plans.all(Plans.executed(scored), ScoreExec.class))
        .hasSize(2)
        .allMatch(score -> score.child().supportsColumnar());
  }

  @Test
  void twoModelsOverOneInput() {
    Path other = TinyModel.write(folder.resolve("other-model"), 1, 1, 10);
    Dataset<Row> both =
        Nightjar.score(
                Nightjar.score(input, spec),
                ScoringSpec.of(other.toString()).withScoreColumn("other"))
            .select("id", "score", "other");
    Dataset<Row> alone = Nightjar.score(input, ScoringSpec.of(other.toString()));

    assertThat(both.collectAsList())
        .hasSize(ROWS)
        .allMatch(row -> row.getFloat(1) != row.getFloat(2));
    assertThat(alone.join(both.select("id", "other"), "id").where("score = other").count())
        .isEqualTo(ROWS);
  }

  @Test
  void orderAndPartitioningOfTheChildAreKept() {
    session.conf().set("spark.sql.autoBroadcastJoinThreshold", "-1");
    Dataset<Row> sorted = input.repartition(2, input.col("id")).sortWithinPartitions("id");
    Dataset<Row> joined = Nightjar.score(sorted, spec).join(session.range(50), "id");

    assertThat(joined.collectAsList()).hasSize(50);
    SparkPlan plan = Plans.executed(joined);
    SortMergeJoinExec join = Plans.all(plan, SortMergeJoinExec.class).get(0);
    assertThat(Plans.all(join.left(), SortExec.class)).hasSize(1);
    assertThat(Plans.all(join.left(), ShuffleExchangeExec.class)).hasSize(1);
  }

  @Test
  void expressionsAreProjectedBelowAndDroppedAbove() {
    Dataset<Row> scored =
        Nightjar.score(
            input,
            spec.withFeature("s1", FeatureSource.sql("pmod(s1 + 7, 5)"))
                .withFeature("d1", FeatureSource.sql("d1 / 2")));

    assertThat(scored.columns()).containsExactly("id", "d0", "d1", "s0", "s1", "day", "score");
    assertThat(scored.collectAsList()).hasSize(ROWS);
  }

  @Test
  void columnsOfTheInputCanStillBeNamedByIt() {
    Dataset<Row> scored = Nightjar.score(input, spec);

    assertThat(scored.select(input.col("id"), scored.col("score")).collectAsList()).hasSize(ROWS);
  }

  @Test
  void sessionStaysAsItIs() {
    var before = session.conf().getAll();
    Nightjar.score(input, spec).collectAsList();

    assertThat(session.conf().getAll()).isEqualTo(before);
  }

  private static List<String> names(SparkPlan plan) {
    return PlanNodes.list(plan.output()).stream().map(Attribute::name).toList();
  }
}
