package io.nightjar.spark;

import io.nightjar.spark.executor.BoundColumn;
import io.nightjar.spark.executor.RowIdCounting;
import io.nightjar.spark.executor.ScoreProgram;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The columns that a program reads and those that it keeps.
 *
 * @param plan gives them; an expression, or a field of a struct, is a column of its own here
 * @param inputs what the program reads, in its order
 * @param kept the dataset's own columns
 */
record InputColumns(LogicalPlan plan, List<Attribute> inputs, List<Attribute> kept) {

  /**
   * Finds the columns in {@code dataset}.
   *
   * @throws InvalidInputException if columns are missing or of a wrong type
   */
  static InputColumns resolve(Dataset<Row> dataset, ScoreProgram program, ScoringSpec spec) {
    return new InputResolution(dataset, program, spec).result();
  }

  /** What {@link Nightjar#countRowIds} gives of these columns. */
  Dataset<Row> countRowIds(SparkSession session, ScoreProgram program) {
    List<Attribute> read = inputs.stream().distinct().toList();
    LogicalPlan pruned =
        new Project(
            CollectionConverters.asScala(read.stream().<NamedExpression>map(a -> a).toList())
                .toSeq(),
            plan);
    List<BoundColumn> bound =
        inputs.stream()
            .map(input -> new BoundColumn(input.name(), read.indexOf(input), input.dataType()))
            .toList();
    JavaRDD<Row> counted =
        Dataset.ofRows(session, pruned)
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(new RowIdCounting(program, bound));
    return session
        .createDataFrame(counted, RowIdCounting.SCHEMA)
        .groupBy("table", "row_id")
        .agg(functions.sum("lookups").as("lookups"));
  }
}
