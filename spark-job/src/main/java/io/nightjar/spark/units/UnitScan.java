package io.nightjar.spark.units;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import scala.runtime.AbstractPartialFunction;

/** Narrows a whole run's plan to one unit of its driving table. */
public final class UnitScan {
  private UnitScan() {}

  /**
   * The rows of {@code whole} that come from {@code unit} of {@code table}; all else in the plan
   * stays as it is.
   *
   * @param table as {@code whole} reads it, and nothing else does
   */
  public static Dataset<Row> of(Dataset<Row> whole, HadoopFsRelation table, Unit unit) {
    SparkSession session = (SparkSession) whole.sparkSession();
    LogicalPlan plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) whole).queryExecution().analyzed();
    HadoopFsRelation narrowed =
        new HadoopFsRelation(
            new UnitFileIndex(table.location(), unit),
            table.partitionSchema(),
            table.dataSchema(),
            table.bucketSpec(),
            new UnitParquetFormat(unit),
            table.options(),
            session);
    return org.apache.spark.sql.classic.Dataset.ofRows(
        session, plan.transformDown(new Narrow(table, narrowed)));
  }

  private static final class Narrow extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private final HadoopFsRelation table;
    private final HadoopFsRelation narrowed;

    Narrow(HadoopFsRelation table, HadoopFsRelation narrowed) {
      this.table = table;
      this.narrowed = narrowed;
    }

    @Override
    public boolean isDefinedAt(LogicalPlan node) {
      return node instanceof LogicalRelation relation && isTable(relation);
    }

    // Two reads of the same folder are equal; only the one that was planned first is meant.
    @SuppressWarnings("ReferenceEquality")
    private boolean isTable(LogicalRelation relation) {
      return relation.relation() == table;
    }

    @Override
    public LogicalPlan apply(LogicalPlan node) {
      LogicalRelation relation = (LogicalRelation) node;
      return relation.copy(
          narrowed,
          relation.output(),
          relation.catalogTable(),
          relation.isStreaming(),
          relation.stream());
    }
  }
}
