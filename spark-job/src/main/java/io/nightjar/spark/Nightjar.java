package io.nightjar.spark;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.executor.HadoopModelFolder;
import io.nightjar.spark.executor.ModelReference;
import io.nightjar.spark.executor.ScoreProgram;
import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.plan.Score;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import scala.jdk.javaapi.CollectionConverters;

/** Scoring as a step of any Spark program. */
public final class Nightjar {
  private Nightjar() {}

  /**
   * The rows of {@code dataset} with their scores: every column, then the score, then the logit if
   * {@code spec} names one. Both are floats, and null only in bad rows that are kept.
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
    HadoopModelFolder folder =
        HadoopModelFolder.at(spec.model(), session.sessionState().newHadoopConf());
    ModelInfo info = ModelInfo.read(folder);
    ModelReference model = driver.reference(folder, info, spec.backend(), spec.precision());
    ScoreProgram program = new ProgramBuilder(spec, info.config(), model).build();
    InputColumns columns = InputColumns.resolve(input, program, spec);
    SessionCheck.columnar(session, columns.plan().schema());
    return org.apache.spark.sql.classic.Dataset.ofRows(
        session,
        Score.plan(program, columns.inputs(), columns.kept(), produced(spec), columns.plan()));
  }

  private static List<Attribute> produced(ScoringSpec spec) {
    boolean nullable = spec.badRows() == io.nightjar.spark.spec.BadRows.NULL;
    List<Attribute> produced = new ArrayList<>();
    produced.add(floatColumn(spec.scoreColumn(), nullable));
    spec.logitColumn().ifPresent(name -> produced.add(floatColumn(name, nullable)));
    return produced;
  }

  private static Attribute floatColumn(String name, boolean nullable) {
    return new AttributeReference(
        name,
        DataTypes.FloatType,
        nullable,
        Metadata.empty(),
        NamedExpression.newExprId(),
        CollectionConverters.asScala(List.<String>of()).toSeq());
  }
}
