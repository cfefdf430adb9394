package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.storage.StorageLevel;

/**
 * Row ids of tables by how often they are asked for. A level is all rows of a table with as many
 * lookups: how many these are, and how many rows and lookups come before them. There are few
 * levels, so that what has to be put in order by one task a table is small, and the rows themselves
 * stay spread over all tasks.
 *
 * <p>Keeps both in the executors' memory and on their disks; closed by who makes it.
 */
final class RowIdLevels implements AutoCloseable {
  /** Of how many rows a share of all lookups is, for these shares in percent. */
  static final int[] SHARES = {50, 80, 90, 99};

  private final Dataset<Row> counted;
  private final Dataset<Row> levels;

  /**
   * Puts row ids in levels.
   *
   * @param counted {@code table}, {@code row_id} and its {@code lookups}
   */
  RowIdLevels(Dataset<Row> counted) {
    this.counted = counted.persist(StorageLevel.MEMORY_AND_DISK());
    this.levels = levels(this.counted).persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static Dataset<Row> levels(Dataset<Row> counted) {
    WindowSpec before =
        Window.partitionBy("table")
            .orderBy(col("lookups").desc())
            .rowsBetween(Window.unboundedPreceding(), -1);
    return counted
        .groupBy("table", "lookups")
        .agg(count("*").as("rows"))
        .withColumn("rows_before", coalesce(sum("rows").over(before), lit(0L)))
        .withColumn(
            "lookups_before",
            coalesce(sum(col("rows").multiply(col("lookups"))).over(before), lit(0L)));
  }

  /**
   * The hot rows of each table: {@code table}, {@code rank} from 0, {@code row_id}, {@code
   * lookups}. Of the last level that has any, all rows are put in order.
   *
   * @param most hot rows of a table
   */
  Dataset<Row> hot(int most) {
    WindowSpec byLookups =
        Window.partitionBy("table").orderBy(col("lookups").desc(), col("row_id").asc());
    return counted
        .join(
            levels.where(col("rows_before").lt(most)).select("table", "lookups"),
            new String[] {"table", "lookups"},
            "left_semi")
        .withColumn("rank", row_number().over(byLookups).minus(1))
        .where(col("rank").lt(most))
        .select("table", "rank", "row_id", "lookups");
  }

  /**
   * A row for each table that was asked at all: its name, lookups, unique rows, hot rows, lookups
   * of those, and rows that have each of {@link #SHARES} of the lookups.
   *
   * @param most hot rows of a table
   */
  Map<String, Row> figures(int most) {
    Column lookups = col("rows").multiply(col("lookups"));
    // Of the hot rows those that the levels before leave.
    Column hot = least(col("rows"), greatest(lit(0L), lit((long) most).minus(col("rows_before"))));
    List<Column> figures = new ArrayList<>();
    figures.add(sum("rows"));
    figures.add(sum(hot));
    figures.add(sum(hot.multiply(col("lookups"))));
    for (int share : SHARES) {
      // Of a level so many rows are needed for that share as it takes to reach it from those
      // before.
      Column needed =
          expr(
              "(total * %d - lookups_before * 100 + lookups * 100 - 1) div (lookups * 100)"
                  .formatted(share));
      figures.add(sum(least(col("rows"), greatest(lit(0L), needed))));
    }
    Dataset<Row> totals = levels.groupBy(col("table").as("of")).agg(sum(lookups).as("total"));
    Map<String, Row> byTable = new HashMap<>();
    levels
        .join(totals, col("table").equalTo(col("of")))
        .groupBy("table")
        .agg(sum(lookups), figures.toArray(Column[]::new))
        .collectAsList()
        .forEach(row -> byTable.put(row.getString(0), row));
    return byTable;
  }

  @Override
  public void close() {
    levels.unpersist();
    counted.unpersist();
  }
}
