package io.nightjar.spark.units;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table that every unit is joined to, prepared once for all of them: brought together by its key
 * and sorted by it, in the executors' memory and on their disks. The join of a unit then moves the
 * unit's rows alone. Whoever makes it closes it.
 */
public final class PreparedTable implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PreparedTable.class);

  /** Of files, which grow some times when they are decoded. */
  private static final long PARTITION_BYTES = 32L << 20;

  private final HadoopFsRelation relation;
  private final Dataset<Row> rows;

  private PreparedTable(HadoopFsRelation relation, Dataset<Row> rows) {
    this.relation = relation;
    this.rows = rows;
  }

  /**
   * Reads {@code table}, which reads Parquet and does nothing else, now and not again.
   *
   * @param key what units are joined on
   * @param cores fewest partitions, so that every core has one
   */
  public static PreparedTable of(Dataset<Row> table, Column key, int cores) {
    HadoopFsRelation relation = (HadoopFsRelation) ((LogicalRelation) plan(table)).relation();
    int partitions = (int) Math.max(cores, relation.sizeInBytes() / PARTITION_BYTES);
    Dataset<Row> rows =
        table
            .repartition(partitions, key)
            .sortWithinPartitions(key)
            .persist(StorageLevel.MEMORY_AND_DISK());
    PreparedTable prepared = new PreparedTable(relation, rows);
    try {
      LOG.info("Prepared {} rows in {} partitions by {}", rows.count(), partitions, key);
      return prepared;
    } catch (RuntimeException e) {
      prepared.close();
      throw e;
    }
  }

  /** What is prepared. */
  HadoopFsRelation relation() {
    return relation;
  }

  /** Gives the table's columns, as those who read it know them. */
  LogicalPlan plan() {
    return plan(rows);
  }

  private static LogicalPlan plan(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().analyzed();
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
