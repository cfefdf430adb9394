package io.nightjar.spark.executor;

import io.nightjar.spark.lookup.VectorTypes;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.execution.RowToColumnConverter;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The kept columns of one scoring batch, in vectors of its own: the child reuses its vectors and
 * rows as soon as it is asked for more.
 *
 * <p>Columns of fixed width and strings are copied in bulk out of a columnar batch; the rest, and
 * everything out of rows, by Spark's own converter.
 */
final class KeptColumns {
  private final List<BoundColumn> columns;
  private final OnHeapColumnVector[] vectors;
  private final List<Integer> bulk = new ArrayList<>();
  private final RowWriter others;
  private final RowWriter all;

  KeptColumns(List<BoundColumn> columns, int capacity) {
    this.columns = columns;
    this.vectors = new OnHeapColumnVector[columns.size()];
    List<Integer> rest = new ArrayList<>();
    List<Integer> every = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = new OnHeapColumnVector(capacity, VectorTypes.stored(columns.get(i).type()));
      (ColumnCopy.of(columns.get(i).type()) == ColumnCopy.NONE ? rest : bulk).add(i);
      every.add(i);
    }
    this.others = new RowWriter(rest);
    this.all = new RowWriter(every);
  }

  /** Copies rows {@code [from, to)} of {@code batch}. */
  void append(ColumnarBatch batch, int from, int to) {
    for (int i : bulk) {
      ColumnVector source = batch.column(columns.get(i).ordinal());
      ColumnCopy.of(columns.get(i).type()).append(source, from, to - from, vectors[i]);
    }
    if (others.isNeeded()) {
      for (int row = from; row < to; row++) {
        others.append(batch.getRow(row));
      }
    }
  }

  /** Copies one row. */
  void append(InternalRow row) {
    if (all.isNeeded()) {
      all.append(row);
    }
  }

  ColumnVector[] vectors() {
    return vectors;
  }

  /** Writes some of the columns from a row of the child. */
  private final class RowWriter {
    private final RowToColumnConverter converter;
    private final ProjectingInternalRow projection;
    private final WritableColumnVector[] targets;

    RowWriter(List<Integer> positions) {
      StructType schema = new StructType();
      List<Object> ordinals = new ArrayList<>();
      targets = new WritableColumnVector[positions.size()];
      for (int i = 0; i < targets.length; i++) {
        BoundColumn column = columns.get(positions.get(i));
        schema = schema.add(column.name(), VectorTypes.stored(column.type()), true);
        ordinals.add(column.ordinal());
        targets[i] = vectors[positions.get(i)];
      }
      converter = new RowToColumnConverter(schema);
      projection =
          new ProjectingInternalRow(schema, CollectionConverters.asScala(ordinals).toIndexedSeq());
    }

    boolean isNeeded() {
      return targets.length > 0;
    }

    void append(InternalRow row) {
      projection.project(row);
      converter.convert(projection, targets);
    }
  }
}
