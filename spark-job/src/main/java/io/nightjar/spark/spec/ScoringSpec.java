package io.nightjar.spark.spec;

import io.nightjar.scorer.Precision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to score with and how.
 *
 * @param model model directory on any Hadoop file system
 * @param backend what computes the scores
 * @param precision arithmetic of the matrix products
 * @param batchSize rows a batch; empty lets the backend choose
 * @param features model input to its source; an input without an entry is the column of its name
 * @param outOfRange what a row id outside its table means
 * @param badRows what becomes of a bad row
 * @param required columns in which a null makes the row bad
 * @param scoreColumn name of the score column
 * @param logitColumn name of the logit column; empty leaves it out
 */
public record ScoringSpec(
    String model,
    BackendChoice backend,
    Precision precision,
    OptionalInt batchSize,
    Map<String, FeatureSource> features,
    OutOfRange outOfRange,
    BadRows badRows,
    List<RequiredColumn> required,
    String scoreColumn,
    Optional<String> logitColumn) {

  public ScoringSpec {
    features = Map.copyOf(features);
    required = List.copyOf(required);
  }

  /** A spec with every default. */
  public static ScoringSpec of(String model) {
    return new ScoringSpec(
        model,
        BackendChoice.AUTO,
        Precision.FP32,
        OptionalInt.empty(),
        Map.of(),
        new OutOfRange.BadRow(),
        BadRows.FAIL,
        List.of(),
        "score",
        Optional.empty());
  }

  /** The same with other required columns. */
  public ScoringSpec withRequired(List<RequiredColumn> columns) {
    return new ScoringSpec(
        model,
        backend,
        precision,
        batchSize,
        features,
        outOfRange,
        badRows,
        columns,
        scoreColumn,
        logitColumn);
  }
}
