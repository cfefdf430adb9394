package io.nightjar.spark.plan;

import io.nightjar.spark.executor.LookupMetrics;
import io.nightjar.spark.executor.TableLookup;
import io.nightjar.spark.lookup.TableSchema;
import java.util.List;
import java.util.Objects;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.Iterator;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;

/**
 * Physical plan: columns in, and the same columns out with those of the table beside them. No row
 * is made of them, and none moves: the order and the partitioning are those of the rows that come
 * in. The table is read, by rows, and sent to the executors when the first of its plans is run.
 */
// Spark declares plans serializable and Scala's lists are so, though not by their static type.
@SuppressWarnings("serial")
public final class LookupExec extends SparkPlan {
  private static final long serialVersionUID = 1L;

  private final SparkPlan rows;
  private final SparkPlan table;
  private final Attribute key;
  private final Attribute tableKey;
  private final String name;
  private final transient SentTables sent;
  private LookupMetrics metrics;

  /** The counterpart of {@link Lookup}, with the same parts. */
  public LookupExec(
      SparkPlan rows,
      SparkPlan table,
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

  @Override
  public RDD<ColumnarBatch> doExecuteColumnar() {
    TableSchema schema =
        new TableSchema(name, PlanNodes.ordinal(tableKey, table.output()), table.schema());
    SentTables.Sent held = sent.of(table, schema);
    lookupMetrics().tableRows().set(held.rows());
    lookupMetrics().sentBytes().set(held.bytes());
    SQLMetrics.postDriverMetricUpdates(
        sparkContext(),
        sparkContext().getLocalProperty(SQLExecution.EXECUTION_ID_KEY()),
        PlanNodes.seq(List.of(lookupMetrics().tableRows(), lookupMetrics().sentBytes())));
    TableLookup lookup =
        new TableLookup(
            PlanNodes.ordinal(key, rows.output()), schema, held.table(), lookupMetrics());
    return rows.executeColumnar().toJavaRDD().mapPartitions(lookup::of, true).rdd();
  }

  @Override
  public RDD<InternalRow> doExecute() {
    throw new UnsupportedOperationException("Cannot execute Lookup by rows: it gives columns");
  }

  @Override
  public boolean supportsColumnar() {
    return true;
  }

  /** Made when first asked for: a plan that is only looked at registers no accumulators. */
  private synchronized LookupMetrics lookupMetrics() {
    if (metrics == null) {
      metrics = LookupMetrics.create(sparkContext());
    }
    return metrics;
  }

  @Override
  public Map<String, SQLMetric> metrics() {
    return lookupMetrics().byName();
  }

  /** Get columns. */
  public SparkPlan rows() {
    return rows;
  }

  /** Has them; it is read by rows. */
  public SparkPlan table() {
    return table;
  }

  LookupExec with(SparkPlan newRows, SparkPlan newTable) {
    return new LookupExec(newRows, newTable, key, tableKey, name, sent);
  }

  @Override
  public Seq<SparkPlan> children() {
    return PlanNodes.seq(List.of(rows, table));
  }

  @Override
  public Seq<Attribute> output() {
    return PlanNodes.concat(rows.output(), PlanNodes.nullable(table.output()));
  }

  @Override
  public Partitioning outputPartitioning() {
    return rows.outputPartitioning();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return rows.outputOrdering();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
    return with(newChildren.apply(0), newChildren.apply(1));
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
    return other instanceof LookupExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LookupExec that
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
