package io.nightjar.spark.units;

import io.nightjar.spark.executor.FilePart;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.PartitioningAwareFileIndex;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/** Narrows a whole run's plan to one unit of its driving table. */
public final class UnitScan {
  private UnitScan() {}

  /**
   * The rows of {@code whole} that come from {@code unit} of {@code table}; all else in the plan
   * stays as it is.
   *
   * @param table as {@code whole} reads it, and nothing else does
   * @param prepared tables that {@code whole} reads, to be taken in the place of their files
   */
  public static Dataset<Row> of(
      Dataset<Row> whole, HadoopFsRelation table, Unit unit, List<PreparedTable> prepared) {
    SparkSession session = (SparkSession) whole.sparkSession();
    LogicalPlan plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) whole).queryExecution().analyzed();
    HadoopFsRelation narrowed =
        new HadoopFsRelation(
            new UnitFileIndex(table.location(), unit),
            table.partitionSchema(),
            table.dataSchema(),
            table.bucketSpec(),
            new UnitParquetFormat(cut(table, unit)),
            table.options(),
            session);
    // From the leaves up, so that what a leaf became is not looked at again.
    return org.apache.spark.sql.classic.Dataset.ofRows(
        session, plan.transformUp(new Narrow(table, narrowed, prepared)));
  }

  /** The unit's parts of files that it has not all of, by their path. */
  private static Map<String, List<FilePart>> cut(HadoopFsRelation table, Unit unit) {
    Set<FilePart> whole =
        Set.copyOf(
            FileParts.whole(
                CollectionConverters.asJava(
                    ((PartitioningAwareFileIndex) table.location()).allFiles())));
    return unit.parts().stream()
        .filter(part -> !whole.contains(part))
        .collect(Collectors.groupingBy(FilePart::path));
  }

  private static final class Narrow extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private final HadoopFsRelation table;
    private final HadoopFsRelation narrowed;
    private final List<PreparedTable> prepared;

    Narrow(HadoopFsRelation table, HadoopFsRelation narrowed, List<PreparedTable> prepared) {
      this.table = table;
      this.narrowed = narrowed;
      this.prepared = prepared;
    }

    @Override
    public boolean isDefinedAt(LogicalPlan node) {
      return node instanceof LogicalRelation relation
          && (isOf(relation, table) || prepared(relation).isPresent());
    }

    // Two reads of the same folder are equal; only the one that was planned first is meant.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isOf(LogicalRelation relation, HadoopFsRelation table) {
      return relation.relation() == table;
    }

    private Optional<PreparedTable> prepared(LogicalRelation relation) {
      return prepared.stream().filter(one -> isOf(relation, one.relation())).findFirst();
    }

    @Override
    public LogicalPlan apply(LogicalPlan node) {
      LogicalRelation relation = (LogicalRelation) node;
      if (!isOf(relation, table)) {
        return prepared(relation).orElseThrow().plan();
      }
      return relation.copy(
          narrowed,
          relation.output(),
          relation.catalogTable(),
          relation.isStreaming(),
          relation.stream());
    }
  }
}
