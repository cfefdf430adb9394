package io.nightjar.spark.executor;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * What scoring would be if it cost nothing: every value of every feature column is read, decoded,
 * and that is all. Kept columns leave as they do with scores, and in place of a score there is a
 * number that what was read went into, so that reading it is not for nothing.
 *
 * @param inputs the feature columns
 * @param kept the columns that are put out again
 * @param produced how many columns of floats come after them
 */
public record Drain(List<BoundColumn> inputs, List<BoundColumn> kept, int produced)
    implements Serializable {
  /** Rows that are gathered to a batch where they come one by one. */
  private static final int ROWS = 65_536;

  /** Values that are decoded in one go. */
  private static final int STRETCH = 4096;

  /** As much as {@code scoring} reads and writes. */
  public static Drain of(PartitionScoring scoring, int produced) {
    return new Drain(scoring.inputs(), scoring.kept(), produced);
  }

  /** Drains the columnar batches of a partition. */
  public Iterator<ColumnarBatch> ofColumns(Iterator<ColumnarBatch> batches) {
    List<Reader> readers = readers();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return batches.hasNext();
      }

      @Override
      public ColumnarBatch next() {
        ColumnarBatch batch = batches.next();
        int rows = batch.numRows();
        double sum = 0;
        for (Reader reader : readers) {
          sum += reader.read(batch, rows);
        }
        KeptColumns copies = new KeptColumns(kept, rows);
        copies.append(batch, 0, rows);
        return drained(copies, rows, sum);
      }
    };
  }

  /** Drains the rows of a partition. */
  public Iterator<ColumnarBatch> ofRows(Iterator<InternalRow> rows) {
    List<Reader> readers = readers();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public ColumnarBatch next() {
        if (!rows.hasNext()) {
          throw new NoSuchElementException("No more rows in this partition");
        }
        KeptColumns copies = new KeptColumns(kept, ROWS);
        double sum = 0;
        int count = 0;
        for (; count < ROWS && rows.hasNext(); count++) {
          InternalRow row = rows.next();
          for (Reader reader : readers) {
            sum += reader.read(row);
          }
          copies.append(row);
        }
        return drained(copies, count, sum);
      }
    };
  }

  /** Takes the rows or batches of a partition and reads nothing of them. */
  public static <T> Iterator<ColumnarBatch> discard(Iterator<T> partition) {
    partition.forEachRemaining(one -> {});
    return List.<ColumnarBatch>of().iterator();
  }

  private List<Reader> readers() {
    // The marker of a joined row says by its null alone what it says.
    return inputs.stream()
        .filter(column -> !(column.type() instanceof BooleanType))
        .map(Reader::new)
        .toList();
  }

  private ColumnarBatch drained(KeptColumns copies, int rows, double sum) {
    List<ColumnVector> columns = new ArrayList<>(List.of(copies.vectors()));
    for (int i = 0; i < produced; i++) {
      OnHeapColumnVector numbers = new OnHeapColumnVector(rows, DataTypes.FloatType);
      numbers.appendFloats(rows, (float) sum);
      columns.add(numbers);
    }
    return new ColumnarBatch(columns.toArray(ColumnVector[]::new), rows);
  }

  /** Reads one column, one stretch after another. */
  private static final class Reader {
    private final int ordinal;
    private final boolean isArray;
    private final boolean isFloat;
    private final Elements elements;
    private final BagRanges bags = new BagRanges();
    private final double[] numbers = new double[STRETCH];
    private final long[] integers = new long[STRETCH];

    Reader(BoundColumn column) {
      ordinal = column.ordinal();
      isArray = column.type() instanceof ArrayType;
      DataType type =
          column.type() instanceof ArrayType array ? array.elementType() : column.type();
      isFloat = type instanceof FloatType;
      elements = new Elements(type);
    }

    double read(ColumnarBatch batch, int rows) {
      ColumnVector column = batch.column(ordinal);
      if (!isArray) {
        return stretches(column, 0, rows);
      }
      bags.ofArrays((WritableColumnVector) column, 0, rows);
      double sum = 0;
      for (int row = 0; row < rows; ) {
        row = bags.stretch(row);
        sum += stretches(column.getChild(0), bags.stretchStart(), bags.stretchLength());
      }
      return sum;
    }

    private double stretches(ColumnVector column, int from, int count) {
      double sum = 0;
      for (int done = 0; done < count; done += STRETCH) {
        int length = Math.min(STRETCH, count - done);
        if (isFloat) {
          elements.doubles(column, from + done, length, numbers);
          sum += numbers[length - 1];
        } else {
          elements.longs(column, from + done, length, integers);
          sum += integers[length - 1];
        }
      }
      return sum;
    }

    double read(InternalRow row) {
      if (row.isNullAt(ordinal)) {
        return 0;
      }
      if (!isArray) {
        return isFloat ? elements.doubleAt(row, ordinal) : elements.longAt(row, ordinal);
      }
      var array = row.getArray(ordinal);
      double sum = 0;
      for (int i = 0; i < array.numElements(); i++) {
        sum += isFloat ? elements.doubleAt(array, i) : elements.longAt(array, i);
      }
      return sum;
    }
  }
}
