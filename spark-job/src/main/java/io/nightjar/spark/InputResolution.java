package io.nightjar.spark;

import io.nightjar.spark.executor.DenseInput;
import io.nightjar.spark.executor.FeatureTypes;
import io.nightjar.spark.executor.ScoreProgram;
import io.nightjar.spark.executor.SharedInputs;
import io.nightjar.spark.executor.SparseInput;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.RequiredColumn;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Finds the columns of a program in one dataset: what is no plain column there is projected, then
 * taken from the projection. Used once.
 */
final class InputResolution {
  private final Dataset<Row> dataset;
  private final ScoreProgram program;
  private final ScoringSpec spec;
  private final List<String> missing = new ArrayList<>();
  private final List<Column> projected = new ArrayList<>();
  // A plain column, or null for the next of the projected ones.
  private final List<Attribute> found = new ArrayList<>();

  InputResolution(Dataset<Row> dataset, ScoreProgram program, ScoringSpec spec) {
    this.dataset = dataset;
    this.program = program;
    this.spec = spec;
  }

  InputColumns result() {
    List<Attribute> own = output(dataset);
    checkProduced(own);
    program.dense().forEach(input -> find(input.feature(), input.column()));
    program.sparse().forEach(input -> find(input.feature(), input.column()));
    for (RequiredColumn column : program.required()) {
      find(column.name(), column.name());
      find(column.blamed(), column.blamed());
    }
    program.shared().forEach(group -> find(group.key(), group.key()));
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
          "Cannot score: the input has no column "
              + String.join(", ", missing)
              + "; it has "
              + String.join(", ", dataset.columns()));
    }
    Dataset<Row> source = projected.isEmpty() ? dataset : withProjected();
    List<Attribute> all = output(source);
    List<Attribute> inputs = new ArrayList<>();
    int next = own.size();
    for (Attribute attribute : found) {
      inputs.add(attribute == null ? all.get(next++) : attribute);
    }
    checkTypes(inputs);
    return new InputColumns(source.logicalPlan(), inputs, all.subList(0, own.size()));
  }

  private void checkProduced(List<Attribute> own) {
    List<String> taken = new ArrayList<>(own.stream().map(Attribute::name).toList());
    List<String> produced = new ArrayList<>(List.of(spec.scoreColumn()));
    spec.logitColumn().ifPresent(produced::add);
    for (String name : produced) {
      if (taken.stream().anyMatch(other -> sameName(other, name))) {
        throw new InvalidInputException(
            "Cannot add column " + name + ": there is one of that name; name another in the spec");
      }
      taken.add(name);
    }
  }

  private boolean sameName(String one, String other) {
    return (Boolean) resolver().apply(one, other);
  }

  private scala.Function2<String, String, Object> resolver() {
    return dataset.sparkSession().sessionState().conf().resolver();
  }

  private void find(String input, String column) {
    FeatureSource source = spec.features().get(input);
    if (source != null && source.value() instanceof FeatureSource.Sql sql) {
      project(input, functions.expr(sql.expression()), sql.expression());
      return;
    }
    Option<NamedExpression> resolved =
        analysed(
            "Invalid column of " + input + ": " + column,
            () -> dataset.logicalPlan().resolveQuoted(column, resolver()));
    if (resolved.isEmpty()) {
      missing.add(input.equals(column) ? column : column + " (for " + input + ")");
    } else if (resolved.get() instanceof Attribute attribute
        && dataset.logicalPlan().outputSet().contains(attribute)) {
      found.add(attribute);
    } else {
      project(input, dataset.col(column), column);
    }
  }

  private void project(String input, Column value, String text) {
    Column named = value.as("nightjar input " + input);
    analysed(
        "Invalid sql of feature " + input + ": " + text,
        () -> dataset.select(functions.col("*"), named).logicalPlan());
    projected.add(named);
    found.add(null);
  }

  /** Does what Spark may refuse; says then what it was about. */
  private static <T> T analysed(String what, Supplier<T> step) {
    try {
      return step.get();
    } catch (Exception e) { // Scala throws checked exceptions that it does not declare.
      if (e instanceof AnalysisException analysis) {
        throw new InvalidInputException(what + ": " + analysis.getSimpleMessage(), e);
      }
      throw e;
    }
  }

  private Dataset<Row> withProjected() {
    List<Column> columns = new ArrayList<>(List.of(functions.col("*")));
    columns.addAll(projected);
    return dataset.select(CollectionConverters.asScala(columns).toSeq());
  }

  private static List<Attribute> output(Dataset<Row> dataset) {
    return CollectionConverters.asJava(dataset.logicalPlan().output());
  }

  private void checkTypes(List<Attribute> inputs) {
    int next = 0;
    for (DenseInput input : program.dense()) {
      DataType type = inputs.get(next++).dataType();
      if (!FeatureTypes.isDense(type)) {
        throw wrongType("dense", input.feature(), input.column(), type, "a number");
      }
    }
    for (SparseInput input : program.sparse()) {
      DataType type = inputs.get(next++).dataType();
      if (input.hashMod() == 0 && !FeatureTypes.isSparse(type)) {
        throw wrongType(
            "sparse",
            input.feature(),
            input.column(),
            type,
            "byte, short, int, long or an array of them; hash-mod takes strings and any number");
      }
      if (input.hashMod() != 0 && !FeatureTypes.isHashable(type)) {
        throw wrongType(
            "sparse",
            input.feature(),
            input.column(),
            type,
            "a string, a number or an array of them");
      }
    }
    int firstKey = inputs.size() - program.shared().size();
    for (int i = 0; i < program.shared().size(); i++) {
      Attribute key = inputs.get(firstKey + i);
      if (!SharedInputs.takes(key.dataType())) {
        throw new InvalidInputException(
            "Invalid key "
                + program.shared().get(i).key()
                + ": "
                + key.dataType().catalogString()
                + ", expected byte, short, int, long or string");
      }
    }
  }

  private static InvalidInputException wrongType(
      String kind, String feature, String column, DataType type, String expected) {
    return new InvalidInputException(
        "Invalid column "
            + column
            + " of "
            + kind
            + " feature "
            + feature
            + ": "
            + type.catalogString()
            + ", expected "
            + expected);
  }
}
