package io.nightjar.spark.executor;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What {@code Score} would be if scoring cost nothing: reads every value of every column, keeps one
 * column, and puts a score out that is the same for every row.
 */
public final class Drain {
  /** Rows of a reader's batch; a larger one is read in stretches. */
  private static final int ROWS = 4096;

  private final StructType schema;
  private final int kept;
  private final List<Elements> elements;
  private final double[] numbers = new double[ROWS];
  private final long[] integers = new long[ROWS];
  private double sum;

  private Drain(StructType schema, int kept) {
    this.schema = schema;
    this.kept = kept;
    this.elements =
        Stream.of(schema.fields()).map(field -> new Elements(field.dataType())).toList();
  }

  /** The column {@code kept} of a table, and beside it a float named score. */
  public static Dataset<Row> of(Dataset<Row> table, String kept) {
    SparkPlan scan = columnar(table);
    StructType schema = table.schema();
    int ordinal = schema.fieldIndex(kept);
    StructType output =
        new StructType()
            .add(schema.apply(ordinal))
            .add(new StructField("score", DataTypes.FloatType, false, schema.apply(0).metadata()));
    JavaRDD<InternalRow> rows =
        scan.executeColumnar()
            .toJavaRDD()
            .mapPartitions(batches -> new Drain(schema, ordinal).rows(batches, output));
    return ((SparkSession) table.sparkSession()).internalCreateDataFrame(rows.rdd(), output, false);
  }

  /** The topmost part of a table's plan that gives columns. */
  public static SparkPlan columnar(Dataset<Row> table) {
    SparkPlan plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) table).queryExecution().executedPlan();
    while (!plan.supportsColumnar()) {
      List<SparkPlan> children = CollectionConverters.asJava(plan.children());
      if (children.size() != 1) {
        throw new IllegalStateException("Cannot drain a plan without columns: " + plan);
      }
      plan = children.get(0);
    }
    return plan;
  }

  private Iterator<InternalRow> rows(Iterator<ColumnarBatch> batches, StructType output) {
    UnsafeProjection projection = UnsafeProjection.create(output);
    return new Iterator<>() {
      private Iterator<InternalRow> current = List.<InternalRow>of().iterator();

      @Override
      public boolean hasNext() {
        while (!current.hasNext() && batches.hasNext()) {
          current = drained(batches.next()).rowIterator();
        }
        return current.hasNext();
      }

      @Override
      public InternalRow next() {
        return projection.apply(current.next());
      }
    };
  }

  private ColumnarBatch drained(ColumnarBatch batch) {
    int rows = batch.numRows();
    for (int from = 0; from < rows; from += ROWS) {
      for (int column = 0; column < schema.length(); column++) {
        read(batch.column(column), column, from, Math.min(ROWS, rows - from));
      }
    }
    OnHeapColumnVector copy = new OnHeapColumnVector(rows, schema.apply(kept).dataType());
    ColumnCopy.of(copy.dataType()).append(batch.column(kept), 0, rows, copy);
    OnHeapColumnVector score = new OnHeapColumnVector(rows, DataTypes.FloatType);
    // What was read goes into the score, so that reading it is not for nothing.
    score.appendFloats(rows, (float) sum);
    return new ColumnarBatch(new ColumnVector[] {copy, score}, rows);
  }

  private void read(ColumnVector column, int ordinal, int from, int count) {
    if (schema.apply(ordinal).dataType().equals(DataTypes.FloatType)) {
      elements.get(ordinal).doubles(column, from, count, numbers);
      sum += numbers[count - 1];
    } else {
      elements.get(ordinal).longs(column, from, count, integers);
      sum += integers[count - 1];
    }
  }
}
