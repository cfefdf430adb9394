package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nightjar.batch.Transform;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.RequiredColumn;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that cannot be scored: what is said of them, and what becomes of them. */
class TestBadRows {
  private static final String GOOD = "1D";

  @TempDir private static Path folder;
  private static ScoringSpec spec;
  private static int files;

  private final SparkSession session = LocalSpark.session();

  @BeforeAll
  static void write() {
    spec = ScoringSpec.of(TinyModel.write(folder.resolve("model"), 1, 2, 10).toString());
  }

  /** Three rows, of which the middle one has the given values; from Parquet or as rows. */
  private Dataset<Row> input(boolean columnar, String dense, String scalar, String bag) {
    Dataset<Row> rows =
        session
            .range(0, 3, 1, 1)
            .selectExpr(
                "id",
                "concat('user-', id) user",
                "if(id = 1, " + dense + ", 1D) d0",
                "if(id = 1, " + scalar + ", 1L) s0",
                "if(id = 1, " + bag + ", array(2L, 3L)) s1");
    if (!columnar) {
      return rows;
    }
    String file = folder.resolve("data-" + files++).toString();
    rows.write().parquet(file);
    return session.read().parquet(file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "cast(null as double) | 1L | array(1L)"
            + "| column d0 is null, and dense feature d0 has no value for null",
        "1e300D | 1L | array(1L)"
            + "| dense feature d0 becomes Infinity from the value 1.0E300 of column d0",
        "cast('NaN' as double) | 1L | array(1L)"
            + "| dense feature d0 becomes NaN from the value NaN of column d0",
        "1D | 4294967296L | array(1L)"
            + "| row id 4294967296 of column s0 lies outside table emb_l.0 of sparse feature s0,"
            + " expected 0 to 9",
        "1D | 4294967301L | array(1L)"
            + "| row id 4294967301 of column s0 lies outside table emb_l.0 of sparse feature s0,"
            + " expected 0 to 9",
        "1D | -9223372036854775807L - 1 | array(1L)"
            + "| row id -9223372036854775808 of column s0 lies outside table emb_l.0 of sparse"
            + " feature s0, expected 0 to 9",
        "1D | 10L | array(1L)"
            + "| row id 10 of column s0 lies outside table emb_l.0 of sparse feature s0,"
            + " expected 0 to 9",
        "1D | 1L | array(1L, -1L)"
            + "| row id -1 of column s1 lies outside table emb_l.1 of sparse feature s1,"
            + " expected 0 to 9",
        "1D | 1L | array(1L, null)"
            + "| the array in column s1 holds a null, and sparse feature s1 takes row ids only"
      })
  void failNamesTheValueAndTheRow(String dense, String scalar, String bag, String reason) {
    for (boolean columnar : List.of(true, false)) {
      Dataset<Row> scored =
          Nightjar.score(input(columnar, dense, scalar, bag), spec).select("id", "user", "score");

      assertThat(failure(scored))
          .isEqualTo(
              new ScoringFailure(
                  ScoringFailure.Kind.BAD_ROW,
                  "Cannot score a row: " + reason + "; the row: id=1, user=user-1"));
    }
  }

  private static ScoringFailure failure(Dataset<Row> scored) {
    Throwable error = catchThrowable(scored::collectAsList);
    ScoringFailure failure = ScoringFailure.behind(error).orElseThrow();
    assertThat(error).hasMessageContaining("cancelled because " + failure.message());
    return failure;
  }

  @Test
  void failStopsTheJobOnTheFirstAttempt() throws Exception {
    Dataset<Row> scored = Nightjar.score(input(true, GOOD, "99L", "array(1L)"), spec);
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskStart(SparkListenerTaskStart start) {
            attempts.add(start.taskInfo().attemptNumber());
          }
        };
    session.sparkContext().addSparkListener(listener);
    try {
      failure(scored);
      session.sparkContext().listenerBus().waitUntilEmpty();
      assertThat(attempts).isNotEmpty().allMatch(attempt -> attempt == 0);
    } finally {
      session.sparkContext().removeSparkListener(listener);
    }
  }

  @Test
  void requiredColumn() {
    Dataset<Row> input =
        input(true, GOOD, "1L", "array(1L)").selectExpr("*", "nullif(id, 1) match");
    Dataset<Row> scored =
        Nightjar.score(
                input,
                spec.withRequired(List.of(new RequiredColumn("match", "no row of users fits"))))
            .select("id", "score");

    assertThat(failure(scored).message())
        .isEqualTo("Cannot score a row: no row of users fits; the row: id=1");
  }

  @Test
  void longRowsAreCut() {
    Dataset<Row> input =
        input(false, GOOD, "99L", "array(1L)").selectExpr("*", "repeat('x', 100) || '\n' long");

    assertThat(failure(Nightjar.score(input.drop("d0", "s1"), oneFeature())).message())
        .endsWith("; the row: id=1, user=user-1, s0=99, long=" + "x".repeat(60) + "…");
  }

  private ScoringSpec oneFeature() {
    return spec.withFeature("d0", FeatureSource.column("id"))
        .withFeature("s1", FeatureSource.column("s0"));
  }

  @Test
  void dropLeavesThemOutAndCountsThem() {
    for (boolean columnar : List.of(true, false)) {
      Dataset<Row> scored =
          Nightjar.score(
              input(columnar, "1e300D", "99L", "array(1L)"), spec.withBadRows(BadRows.DROP));

      assertThat(scored.select("id", "user").collectAsList().toString())
          .isEqualTo("[[0,user-0], [2,user-2]]");
      scored.collectAsList();
      assertThat(Plans.metric(Plans.score(scored), "badRows")).isEqualTo(1);
      assertThat(Plans.metric(Plans.score(scored), "samples")).isEqualTo(2);
      assertThat(Plans.metric(Plans.score(scored), "numOutputRows")).isEqualTo(2);
    }
  }

  @Test
  void nullKeepsThemWithoutAScoreAndCountsThem() {
    for (boolean columnar : List.of(true, false)) {
      Dataset<Row> scored =
          Nightjar.score(
              input(columnar, GOOD, "99L", "array(1L)"),
              spec.withBadRows(BadRows.NULL).withLogitColumn("logit"));

      assertThat(scored.schema().apply("score").nullable()).isTrue();
      assertThat(scored.selectExpr("id", "score is null", "logit is null").collectAsList())
          .hasToString("[[0,false,false], [1,true,true], [2,false,false]]");
      scored.collectAsList();
      assertThat(Plans.metric(Plans.score(scored), "badRows")).isEqualTo(1);
      assertThat(Plans.metric(Plans.score(scored), "samples")).isEqualTo(2);
      assertThat(Plans.metric(Plans.score(scored), "numOutputRows")).isEqualTo(3);
    }
  }

  @Test
  void goodRowsScoreTheSameBesideBadOnes() {
    List<Row> alone =
        Nightjar.score(input(true, GOOD, "1L", "array(1L)"), spec).where("id <> 1").collectAsList();
    List<Row> beside =
        Nightjar.score(input(true, GOOD, "99L", "array(1L, null)"), spec.withBadRows(BadRows.DROP))
            .collectAsList();

    assertThat(beside).hasToString(alone.toString());
  }

  @Test
  void outOfRangeEmptyLeavesTheIdOut() {
    assertSameScores(
        input(true, GOOD, "99L", "array(1L, 99L, 2L)"),
        spec.withOutOfRange(new OutOfRange.Empty()),
        input(true, GOOD, "cast(null as bigint)", "array(1L, 2L)"),
        spec);
  }

  @Test
  void outOfRangeRowIdStandsForTheId() {
    assertSameScores(
        input(true, GOOD, "-1L", "array(1L, 99L)"),
        spec.withOutOfRange(new OutOfRange.RowId(7)),
        input(true, GOOD, "7L", "array(1L, 7L)"),
        spec);
  }

  @Test
  void outOfRangeOfOneFeature() {
    assertSameScores(
        input(true, GOOD, "99L", "array(1L)"),
        spec.withFeature("s0", FeatureSource.column("s0").withOutOfRange(new OutOfRange.RowId(3))),
        input(true, GOOD, "3L", "array(1L)"),
        spec);
  }

  @Test
  void nullsAndEmptyArraysAreEmptyBags() {
    assertSameScores(
        input(true, GOOD, "cast(null as bigint)", "cast(null as array<bigint>)"),
        spec,
        input(true, GOOD, "99L", "cast(array() as array<bigint>)"),
        spec.withOutOfRange(new OutOfRange.Empty()));
  }

  @Test
  void nullIsReplacedThenTransformed() {
    assertSameScores(
        input(true, "cast(null as double)", "1L", "array(1L)"),
        spec.withFeature(
            "d0", FeatureSource.column("d0").withNullValue(6).withTransform(Transform.LOG1P)),
        input(true, "6D", "1L", "array(1L)"),
        spec.withFeature("d0", FeatureSource.sql("log1p(d0)")));
  }

  private static void assertSameScores(
      Dataset<Row> one, ScoringSpec oneSpec, Dataset<Row> other, ScoringSpec otherSpec) {
    assertThat(Nightjar.score(one, oneSpec).select("id", "score").collectAsList())
        .hasSize(3)
        .hasToString(
            Nightjar.score(other, otherSpec).select("id", "score").collectAsList().toString());
  }
}
