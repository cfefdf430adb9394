package io.nightjar.spark;

import io.nightjar.batch.Transform;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.SparseFeature;
import io.nightjar.spark.executor.DenseInput;
import io.nightjar.spark.executor.ModelReference;
import io.nightjar.spark.executor.ScoreProgram;
import io.nightjar.spark.executor.SharedInputs;
import io.nightjar.spark.executor.SparseInput;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Puts a spec and a model's shape together, and finds what does not fit. */
final class ProgramBuilder {
  private final ScoringSpec spec;
  private final DlrmConfig config;
  private final ModelReference model;

  ProgramBuilder(ScoringSpec spec, DlrmConfig config, ModelReference model) {
    this.spec = spec;
    this.config = config;
    this.model = model;
  }

  /**
   * The program that scores.
   *
   * @throws IllegalArgumentException if the spec does not fit the model
   */
  ScoreProgram build() {
    checkNames();
    spec.batchSize().ifPresent(ProgramBuilder::checkBatchSize);
    List<DenseInput> dense = config.denseFeatures().stream().map(this::dense).toList();
    List<SparseInput> sparse = new ArrayList<>();
    for (int i = 0; i < config.sparseFeatures().size(); i++) {
      sparse.add(sparse(config.sparseFeatures().get(i), config.tableOf(i)));
    }
    return new ScoreProgram(
        config.name(),
        model,
        spec.batchSize().orElse(0),
        dense,
        sparse,
        spec.required(),
        shared(),
        spec.badRows(),
        spec.logitColumn().isPresent());
  }

  /** Features with the same key, in the order of the keys; one alone would gain nothing. */
  private List<SharedInputs> shared() {
    TreeMap<String, SharedInputs> shared = new TreeMap<>();
    for (int i = 0; i < config.denseFeatures().size(); i++) {
      share(config.denseFeatures().get(i), List.of(i), List.of(), shared);
    }
    for (int i = 0; i < config.sparseFeatures().size(); i++) {
      share(config.sparseFeatures().get(i).name(), List.of(), List.of(i), shared);
    }
    return shared.values().stream()
        .filter(group -> group.dense().size() + group.sparse().size() > 1)
        .toList();
  }

  private void share(
      String feature, List<Integer> dense, List<Integer> sparse, Map<String, SharedInputs> shared) {
    source(feature)
        .key()
        .ifPresent(
            key -> shared.merge(key, new SharedInputs(key, dense, sparse), SharedInputs::with));
  }

  private void checkNames() {
    TreeSet<String> unknown = new TreeSet<>(spec.features().keySet());
    config.denseFeatures().forEach(unknown::remove);
    config.sparseFeatures().forEach(feature -> unknown.remove(feature.name()));
    if (!unknown.isEmpty()) {
      List<String> known = new ArrayList<>(config.denseFeatures());
      config.sparseFeatures().forEach(feature -> known.add(feature.name()));
      throw new IllegalArgumentException(
          "Invalid features: "
              + String.join(", ", unknown)
              + ", expected inputs of model "
              + config.name()
              + ": "
              + String.join(", ", known));
    }
  }

  private static void checkBatchSize(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("Invalid batch size: " + rows + ", expected 1 or more");
    }
  }

  private FeatureSource source(String feature) {
    return spec.features().getOrDefault(feature, FeatureSource.column(feature));
  }

  private DenseInput dense(String feature) {
    FeatureSource source = source(feature);
    if (source.hashMod().isPresent()) {
      throw misplaced("hash-mod", "dense", feature, "sparse");
    }
    if (source.outOfRange().isPresent()) {
      throw misplaced("out-of-range", "dense", feature, "sparse");
    }
    DenseInput input =
        new DenseInput(
            feature,
            text(source),
            source.nullValue().isPresent(),
            source.nullValue().orElse(0),
            source.transform());
    checkNullValue(input);
    return input;
  }

  private static void checkNullValue(DenseInput input) {
    double value =
        input.transform() == Transform.LOG1P ? Math.log1p(input.nullValue()) : input.nullValue();
    if (!Float.isFinite((float) value)) {
      throw new IllegalArgumentException(
          "Invalid null value of dense feature "
              + input.feature()
              + ": "
              + input.nullValue()
              + ", expected one that is a finite float after the transform");
    }
  }

  private SparseInput sparse(SparseFeature feature, EmbeddingTableConfig table) {
    FeatureSource source = source(feature.name());
    if (source.nullValue().isPresent()) {
      throw misplaced("null", "sparse", feature.name(), "dense");
    }
    if (source.transform() != Transform.NONE) {
      throw misplaced("transform", "sparse", feature.name(), "dense");
    }
    source.hashMod().ifPresent(hashMod -> checkHashMod(hashMod, feature, table));
    OutOfRange outOfRange = source.outOfRange().orElse(spec.outOfRange());
    checkOutOfRange(outOfRange, feature, table);
    return new SparseInput(
        feature.name(),
        text(source),
        table.name(),
        table.numEmbeddings(),
        source.hashMod().orElse(0),
        outOfRange);
  }

  private static void checkHashMod(
      long hashMod, SparseFeature feature, EmbeddingTableConfig table) {
    if (hashMod < 1 || hashMod > table.numEmbeddings()) {
      throw new IllegalArgumentException(
          "Invalid hash-mod of sparse feature "
              + feature.name()
              + ": "
              + hashMod
              + ", expected 1 to "
              + table.numEmbeddings()
              + ", the rows of table "
              + table.name());
    }
  }

  private static void checkOutOfRange(
      OutOfRange outOfRange, SparseFeature feature, EmbeddingTableConfig table) {
    if (outOfRange instanceof OutOfRange.RowId row
        && (row.id() < 0 || row.id() >= table.numEmbeddings())) {
      throw new IllegalArgumentException(
          "Invalid out-of-range of sparse feature "
              + feature.name()
              + ": "
              + row.id()
              + ", expected a row id of table "
              + table.name()
              + ", 0 to "
              + (table.numEmbeddings() - 1));
    }
  }

  private static IllegalArgumentException misplaced(
      String option, String kind, String feature, String rightKind) {
    return new IllegalArgumentException(
        "Invalid option "
            + option
            + " of "
            + kind
            + " feature "
            + feature
            + ": it is for "
            + rightKind
            + " features only");
  }

  /** The column or expression, for messages. */
  private static String text(FeatureSource source) {
    if (source.value() instanceof FeatureSource.Column column) {
      return column.name();
    }
    return ((FeatureSource.Sql) source.value()).expression();
  }
}
