package io.nightjar.spark.spec;

import io.nightjar.scorer.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

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
    return with(
        draft -> {
          draft.model = location;
          draft.modelVersion = version;
        });
  }

  /** This spec with another backend. */
  public ScoringSpec withBackend(BackendChoice choice) {
    return with(draft -> draft.backend = choice);
  }

  /** This spec with another precision. */
  public ScoringSpec withPrecision(Precision other) {
    return with(draft -> draft.precision = other);
  }

  /** This spec with another way to pool bags. */
  public ScoringSpec withEmbeddingBag(EmbeddingBagSpec other) {
    return with(draft -> draft.embeddingBag = other);
  }

  /** This spec with {@code rows} rows a batch. */
  public ScoringSpec withBatchSize(int rows) {
    return with(draft -> draft.batchSize = OptionalInt.of(rows));
  }

  /** This spec with a source for model input {@code name}, in place of the one it had. */
  public ScoringSpec withFeature(String name, FeatureSource source) {
    Map<String, FeatureSource> more = new HashMap<>(features);
    more.put(name, source);
    return with(draft -> draft.features = more);
  }

  /** This spec with another meaning of row ids outside their table. */
  public ScoringSpec withOutOfRange(OutOfRange meaning) {
    return with(draft -> draft.outOfRange = meaning);
  }

  /** This spec with another fate of bad rows. */
  public ScoringSpec withBadRows(BadRows fate) {
    return with(draft -> draft.badRows = fate);
  }

  /** This spec with other required columns. */
  public ScoringSpec withRequired(List<RequiredColumn> columns) {
    return with(draft -> draft.required = columns);
  }

  /** This spec with another name for the score column. */
  public ScoringSpec withScoreColumn(String name) {
    return with(draft -> draft.scoreColumn = name);
  }

  /** This spec with a logit column after the score. */
  public ScoringSpec withLogitColumn(String name) {
    return with(draft -> draft.logitColumn = Optional.of(name));
  }

  private ScoringSpec with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.spec();
  }

  /** A copy of a spec while a part of it is changed; nobody else sees it. */
  private static final class Draft {
    String model;
    Optional<String> modelVersion;
    BackendChoice backend;
    Precision precision;
    EmbeddingBagSpec embeddingBag;
    OptionalInt batchSize;
    Map<String, FeatureSource> features;
    OutOfRange outOfRange;
    BadRows badRows;
    List<RequiredColumn> required;
    String scoreColumn;
    Optional<String> logitColumn;

    Draft(ScoringSpec spec) {
      model = spec.model;
      modelVersion = spec.modelVersion;
      backend = spec.backend;
      precision = spec.precision;
      embeddingBag = spec.embeddingBag;
      batchSize = spec.batchSize;
      features = spec.features;
      outOfRange = spec.outOfRange;
      badRows = spec.badRows;
      required = spec.required;
      scoreColumn = spec.scoreColumn;
      logitColumn = spec.logitColumn;
    }

    ScoringSpec spec() {
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
          logitColumn);
    }
  }
}
