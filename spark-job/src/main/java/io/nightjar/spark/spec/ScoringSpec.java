package io.nightjar.spark.spec;

import io.nightjar.scorer.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to score with and how.
 *
 * @param model model directory on any Hadoop file system, or what leads to one: a folder of
 *     versions or an MLflow model
 * @param modelVersion name of the version that {@code model} is, where somebody chose it by name
 * @param backend what computes the scores
 * @param precision arithmetic of the matrix products
 * @param embeddingBag how bags are pooled on GPUs
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
    Optional<String> modelVersion,
    BackendChoice backend,
    Precision precision,
    EmbeddingBagSpec embeddingBag,
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

  /** A spec with every default, to be refined with the {@code with…} methods. */
  public static ScoringSpec of(String model) {
    return new ScoringSpec(
        model,
        Optional.empty(),
        BackendChoice.AUTO,
        Precision.FP32,
        EmbeddingBagSpec.AUTO,
        OptionalInt.empty(),
        Map.of(),
        new OutOfRange.BadRow(),
        BadRows.FAIL,
        List.of(),
        "score",
        Optional.empty());
  }

  /** This spec with the model directory at {@code location}, which is the named version. */
  public ScoringSpec withModel(String location, Optional<String> version) {
    return new ScoringSpec(
        location,
        version,
        backend,
        precision,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with another backend. */
  public ScoringSpec withBackend(BackendChoice choice) {
    return new ScoringSpec(
        model,
        modelVersion,
        choice,
        precision,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with another precision. */
  public ScoringSpec withPrecision(Precision other) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        other,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with another way to pool bags. */
  public ScoringSpec withEmbeddingBag(EmbeddingBagSpec other) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        other,
        batchSize,
        features,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with {@code rows} rows a batch. */
  public ScoringSpec withBatchSize(int rows) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        OptionalInt.of(rows),
        features,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with a source for model input {@code name}, in place of the one it had. */
  public ScoringSpec withFeature(String name, FeatureSource source) {
    Map<String, FeatureSource> more = new HashMap<>(features);
    more.put(name, source);
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        batchSize,
        more,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with another meaning of row ids outside their table. */
  public ScoringSpec withOutOfRange(OutOfRange meaning) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        batchSize,
        features,
        meaning,
        badRows,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with another fate of bad rows. */
  public ScoringSpec withBadRows(BadRows fate) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        fate,
        required,
        scoreColumn,
        logitColumn);
  }

  /** This spec with other required columns. */
  public ScoringSpec withRequired(List<RequiredColumn> columns) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        badRows,
        columns,
        scoreColumn,
        logitColumn);
  }

  /** This spec with another name for the score column. */
  public ScoringSpec withScoreColumn(String name) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        badRows,
        required,
        name,
        logitColumn);
  }

  /** This spec with a logit column after the score. */
  public ScoringSpec withLogitColumn(String name) {
    return new ScoringSpec(
        model,
        modelVersion,
        backend,
        precision,
        embeddingBag,
        batchSize,
        features,
        outOfRange,
        badRows,
        required,
        scoreColumn,
        Optional.of(name));
  }
}
