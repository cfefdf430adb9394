package io.nightjar.spark.plan;

import io.nightjar.spark.executor.SharedInputs;
import io.nightjar.spark.lookup.VectorTypes;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Logical plan: every row with the columns of the row of a table that has its key beside it; nulls
 * where there is none. It is a left outer join with a table that has one row a key, and that every
 * executor can hold.
 *
 * <p>{@code productElement} mirrors the constructor, by which Catalyst copies the node.
 */
public final class Lookup extends LogicalPlan {
  private static final long serialVersionUID = 1L;

  private final LogicalPlan rows;
  private final LogicalPlan table;
  private final Attribute key;
  private final Attribute tableKey;
  private final String name;
  private final transient SentTables sent;

  /**
   * Makes the node.
   *
   * @param rows get columns
   * @param table has them
   * @param key column of {@code rows}
   * @param tableKey column of {@code table}
   * @param name of the table, for messages
   * @param sent sends the table
   */
  public Lookup(
      LogicalPlan rows,
      LogicalPlan table,
      Attribute key,
      Attribute tableKey,
      String name,
      SentTables sent) {
    this.rows = rows;
    this.table = table;
    this.key = key;
    this.tableKey = tableKey;
    this.name = name;
    this.sent = sent;
  }

  /**
   * Whether rows can be looked up: whether they, and the tables' keys, are of types that it takes.
   */
  public static boolean takes(StructType rows, List<DataType> keys) {
    // Where rows come one by one Spark makes columns of them, and knows no other types.
    return VectorTypes.stored(rows).equals(rows) && keys.stream().allMatch(SharedInputs::takes);
  }

  /**
   * The rows with the columns of the table beside theirs.
   *
   * @param key column of {@code rows}, as Spark resolves names
   * @param tableKey column of {@code table}
   */
  public static Dataset<Row> of(
      Dataset<Row> rows,
      Dataset<Row> table,
      String key,
      String tableKey,
      String name,
      SentTables sent) {
    return org.apache.spark.sql.classic.Dataset.ofRows(
        (SparkSession) rows.sparkSession(),
        new Lookup(
            plan(rows), plan(table), column(rows, key), column(table, tableKey), name, sent));
  }

  private static LogicalPlan plan(Dataset<Row> dataset) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) dataset).queryExecution().analyzed();
  }

  private static Attribute column(Dataset<Row> dataset, String name) {
    return (Attribute) ((org.apache.spark.sql.classic.Dataset<Row>) dataset).resolve(name);
  }

  LogicalPlan rows() {
    return rows;
  }

  LogicalPlan table() {
    return table;
  }

  Attribute key() {
    return key;
  }

  Attribute tableKey() {
    return tableKey;
  }

  String name() {
    return name;
  }

  SentTables sent() {
    return sent;
  }

  @Override
  public Seq<LogicalPlan> children() {
    return PlanNodes.seq(List.of(rows, table));
  }

  @Override
  public Seq<Attribute> output() {
    return PlanNodes.concat(rows.output(), PlanNodes.nullable(table.output()));
  }

  @Override
  public Option<Object> maxRows() {
    return rows.maxRows();
  }

  @Override
  public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> newChildren) {
    return new Lookup(newChildren.apply(0), newChildren.apply(1), key, tableKey, name, sent);
  }

  @Override
  public Iterator<Object> stringArgs() {
    return PlanNodes.describe(name, key, tableKey);
  }

  @Override
  public int productArity() {
    return 6;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> rows;
      case 1 -> table;
      case 2 -> key;
      case 3 -> tableKey;
      case 4 -> name;
      case 5 -> sent;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Lookup;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Lookup that
        && rows.equals(that.rows)
        && table.equals(that.table)
        && key.equals(that.key)
        && tableKey.equals(that.tableKey)
        && name.equals(that.name)
        && Objects.equals(sent, that.sent);
  }

  @Override
  public int hashCode() {
    return Objects.hash(rows, table, key, tableKey, name);
  }
}
