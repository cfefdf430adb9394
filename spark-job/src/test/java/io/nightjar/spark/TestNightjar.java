package io.nightjar.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.nightjar.batch.Transform;
import io.nightjar.model.InvalidModelException;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the driver finds before any task runs, each with its whole message. */
class TestNightjar {
  @TempDir private static Path folder;
  private static ScoringSpec spec;

  private final SparkSession session = LocalSpark.session();
  private final Dataset<Row> input =
      session
          .range(3)
          .selectExpr("id", "1F d0", "2D d1", "1 s0", "array(2L) s1", "'x' text", "true flag");

  @BeforeAll
  static void write() {
    spec = ScoringSpec.of(TinyModel.write(folder.resolve("model"), 2, 2, 10).toString());
  }

  private static FeatureSource column(String name) {
    return FeatureSource.column(name);
  }

  static Stream<Arguments> invalidSpecs() {
    return Stream.of(
        Arguments.of(
            spec.withFeature("d7", column("d0")).withFeature("a", column("d0")),
            "Invalid features: a, d7, expected inputs of model tiny: d0, d1, s0, s1"),
        Arguments.of(
            spec.withFeature("d0", column("d0").withHashMod(5)),
            "Invalid option hash-mod of dense feature d0: it is for sparse features only"),
        Arguments.of(
            spec.withFeature("d0", column("d0").withOutOfRange(new OutOfRange.Empty())),
            "Invalid option out-of-range of dense feature d0: it is for sparse features only"),
        Arguments.of(
            spec.withFeature("s0", column("s0").withNullValue(1)),
            "Invalid option null of sparse feature s0: it is for dense features only"),
        Arguments.of(
            spec.withFeature("s0", column("s0").withTransform(Transform.LOG1P)),
            "Invalid option transform of sparse feature s0: it is for dense features only"),
        Arguments.of(
            spec.withFeature("d0", column("d0").withNullValue(-1).withTransform(Transform.LOG1P)),
            "Invalid null value of dense feature d0: -1.0, expected one that is a finite float after"
                + " the transform"),
        Arguments.of(
            spec.withFeature("s0", column("s0").withHashMod(11)),
            "Invalid hash-mod of sparse feature s0: 11, expected 1 to 10, the rows of table"
                + " emb_l.0"),
        Arguments.of(
            spec.withOutOfRange(new OutOfRange.RowId(10)),
            "Invalid out-of-range of sparse feature s0: 10, expected a row id of table emb_l.0,"
                + " 0 to 9"),
        Arguments.of(
            spec.withFeature("s1", column("s1").withOutOfRange(new OutOfRange.RowId(-1))),
            "Invalid out-of-range of sparse feature s1: -1, expected a row id of table emb_l.1,"
                + " 0 to 9"),
        Arguments.of(spec.withBatchSize(0), "Invalid batch size: 0, expected 1 or more"),
        Arguments.of(
            spec.withPrecision(Precision.BF16).withBackend(BackendChoice.CPU),
            "Invalid precision: bf16 with backend cpu, expected fp32"));
  }

  @ParameterizedTest
  @MethodSource("invalidSpecs")
  void invalidSpec(ScoringSpec invalid, String message) {
    assertThatThrownBy(() -> Nightjar.score(input, invalid))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  static Stream<Arguments> invalidInputs() {
    return Stream.of(
        Arguments.of(
            spec.withFeature("d0", column("dense")).withFeature("s1", column("sparse")),
            "Cannot score: the input has no column dense (for d0), sparse (for s1); it has id, d0,"
                + " d1, s0, s1, text, flag"),
        Arguments.of(
            spec.withFeature("d0", column("text")),
            "Invalid column text of dense feature d0: string, expected a number"),
        Arguments.of(
            spec.withFeature("d0", column("flag")),
            "Invalid column flag of dense feature d0: boolean, expected a number"),
        Arguments.of(
            spec.withFeature("s0", column("text")),
            "Invalid column text of sparse feature s0: string, expected byte, short, int, long or an"
                + " array of them; hash-mod takes strings and any number"),
        Arguments.of(
            spec.withFeature("s0", column("d1")),
            "Invalid column d1 of sparse feature s0: double, expected byte, short, int, long or an"
                + " array of them; hash-mod takes strings and any number"),
        Arguments.of(
            spec.withFeature("s0", column("flag").withHashMod(5)),
            "Invalid column flag of sparse feature s0: boolean, expected a string, a number or an"
                + " array of them"),
        Arguments.of(
            spec.withScoreColumn("ID"),
            "Cannot add column ID: there is one of that name; name another in the spec"),
        Arguments.of(
            spec.withLogitColumn("score"),
            "Cannot add column score: there is one of that name; name another in the spec"));
  }

  @ParameterizedTest
  @MethodSource("invalidInputs")
  void invalidInput(ScoringSpec unfit, String message) {
    assertThatThrownBy(() -> Nightjar.score(input, unfit))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(message);
  }

  @Test
  void invalidExpression() {
    assertThatThrownBy(
            () -> Nightjar.score(input, spec.withFeature("s0", FeatureSource.sql("nope + 1"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("Invalid sql of feature s0: nope + 1: [UNRESOLVED_COLUMN");
    assertThatThrownBy(
            () -> Nightjar.score(input, spec.withFeature("s0", FeatureSource.sql("1 +"))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Invalid sql of feature s0: 1 +: ");
  }

  @Test
  void ambiguousColumn() {
    Dataset<Row> twice = input.selectExpr("*", "1 s0");

    assertThatThrownBy(() -> Nightjar.score(twice, spec))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            "Invalid column of s0: s0: [AMBIGUOUS_REFERENCE] Reference `s0` is ambiguous");
  }

  @Test
  void fieldOfAStruct() {
    Dataset<Row> nested = input.selectExpr("id", "struct(d0, d1) dense", "s0", "s1");

    Dataset<Row> scored =
        Nightjar.score(
            nested,
            spec.withFeature("d0", column("dense.d0")).withFeature("d1", column("dense.d1")));

    assertThat(scored.select("score").collectAsList())
        .isEqualTo(Nightjar.score(input, spec).select("score").collectAsList());
  }

  @Test
  void missingModel() {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> Nightjar.score(input, ScoringSpec.of(nowhere.toString())))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("file:" + nowhere);
  }

  @Test
  void missingBackend() {
    Optional<String> why = DlrmModels.whyUnavailable(Backend.CUDA);
    assumeThat(why).isPresent();
    assertThatThrownBy(() -> Nightjar.score(input, spec.withBackend(BackendChoice.CUDA)))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(why.orElseThrow());
  }

  @Test
  void tooManyColumnsForTheSession() {
    session.conf().set("spark.sql.codegen.maxFields", "6");

    assertThatThrownBy(() -> Nightjar.score(input, spec))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot score columns: setting spark.sql.codegen.maxFields is 6, expected 7 or more, or"
                + " Spark reads these 7 columns as rows");
  }

  @Test
  void invalidNumberOfScorers() {
    session.conf().set("spark.nightjar.scorers", "few");

    assertThatThrownBy(() -> Nightjar.score(input, spec).collectAsList())
        .hasMessage(
            "Invalid spark.nightjar.scorers: few, expected 0 (task slots + 1) or a number of"
                + " scorers");
  }
}
