package io.nightjar.spark;

import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.executor.ModelReference;
import io.nightjar.spark.executor.ResolvedModel;
import io.nightjar.spark.executor.ScoreProgram;
import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.plan.Score;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import scala.jdk.javaapi.CollectionConverters;

/** Scoring as a step of any Spark program. */
public final class Nightjar {
  /** Metadata of the score column: what {@code model.json} calls the model. */
  public static final String MODEL_NAME = "nightjar.model";

  /** Metadata of the score column: the version's name; where it has none, the checksum. */
  public static final String MODEL_VERSION = "nightjar.model-version";

  /** Metadata of the score column: {@link ModelInfo#version} of the files. */
  public static final String MODEL_CHECKSUM = "nightjar.model-checksum";

  private Nightjar() {}

  /**
   * The rows of {@code dataset} with their scores: every column, then the score, then the logit if
   * {@code spec} names one. Both are floats, and null only in bad rows that are kept.
   *
   * <p>In the schema, and so in the Parquet that is written of it, the new columns say which model
   * made them: the metadata of each has {@value #MODEL_NAME}, {@value #MODEL_VERSION} and {@value
   * #MODEL_CHECKSUM}.
   *
   * <p>It is lazy as any DataFrame: only what the driver can check is done at once, on the session,
   * the model directory and the columns. The session stays as it is.
   *
   * @throws IllegalStateException if a setting of the session is missing, naming it and its value
   * @throws IllegalArgumentException if {@code spec} does not fit the model
   * @throws InvalidInputException if {@code dataset} does not fit the two
   * @throws io.nightjar.model.InvalidModelException if the model directory holds no sound model
   * @throws java.io.UncheckedIOException if the model directory cannot be read
   * @throws io.nightjar.scorer.BackendUnavailableException if the backend cannot be had
   */
  public static Dataset<Row> score(Dataset<Row> dataset, ScoringSpec spec) {
    var input = SessionCheck.classic(dataset);
    var session = input.sparkSession();
    ScoringDriver driver = SessionCheck.driverOf(session);
    ResolvedModel resolved = ResolvedModel.of(spec.model(), session.sessionState().newHadoopConf());
    ModelInfo info = ModelInfo.read(resolved.folder());
    ModelReference model =
        driver.reference(
            resolved.folder(), info, spec.backend(), spec.precision(), spec.embeddingBag());
    ScoreProgram program = new ProgramBuilder(spec, info.config(), model).build();
    InputColumns columns = InputColumns.resolve(input, program, spec);
    SessionCheck.columnar(session, columns.plan().schema());
    return org.apache.spark.sql.classic.Dataset.ofRows(
        session,
        Score.plan(
            program,
            columns.inputs(),
            columns.kept(),
            produced(spec, origin(info, resolved.version().or(spec::modelVersion))),
            columns.plan()));
  }

  /**
   * How often the rows of {@code dataset} ask for each row of the model's tables: {@code table},
   * {@code row_id} and {@code lookups}. Row ids are counted as {@link #score} takes them, after
   * every transform; bad rows are left out. No model is loaded, and no GPU needed.
   *
   * @throws IllegalArgumentException if {@code spec} does not fit the model
   * @throws InvalidInputException if {@code dataset} does not fit the two
   * @throws io.nightjar.model.InvalidModelException if the model directory holds no sound model
   * @throws java.io.UncheckedIOException if the model directory cannot be read
   */
  public static Dataset<Row> countRowIds(Dataset<Row> dataset, ScoringSpec spec) {
    var input = SessionCheck.classic(dataset);
    var session = input.sparkSession();
    ResolvedModel resolved = ResolvedModel.of(spec.model(), session.sessionState().newHadoopConf());
    ModelInfo info = ModelInfo.read(resolved.folder());
    ModelReference model =
        new ModelReference(
            resolved.folder().location(),
            info.version(),
            info.edition(),
            Backend.CPU,
            Precision.FP32,
            EmbeddingBagSpec.AUTO);
    ScoreProgram program =
        new ProgramBuilder(spec.withBadRows(BadRows.DROP), info.config(), model).build();
    return InputColumns.resolve(input, program, spec).countRowIds(session, program);
  }

  /** Which model made a column. */
  private static Metadata origin(ModelInfo info, Optional<String> version) {
    return new MetadataBuilder()
        .putString(MODEL_NAME, info.config().name())
        .putString(MODEL_VERSION, version.orElse(info.version()))
        .putString(MODEL_CHECKSUM, info.version())
        .build();
  }

  private static List<Attribute> produced(ScoringSpec spec, Metadata origin) {
    boolean nullable = spec.badRows() == BadRows.NULL;
    List<Attribute> produced = new ArrayList<>();
    produced.add(floatColumn(spec.scoreColumn(), nullable, origin));
    spec.logitColumn().ifPresent(name -> produced.add(floatColumn(name, nullable, origin)));
    return produced;
  }

  private static Attribute floatColumn(String name, boolean nullable, Metadata origin) {
    return new AttributeReference(
        name,
        DataTypes.FloatType,
        nullable,
        origin,
        NamedExpression.newExprId(),
        CollectionConverters.asScala(List.<String>of()).toSeq());
  }
}
