package io.nightjar.spark.executor;

import io.nightjar.batch.JaggedTensor;
import io.nightjar.spark.spec.OutOfRange;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;

/**
 * Fills the bags of one sparse feature: read, hash, check on 64 bits, narrow.
 *
 * <p>A scalar column is a column of bags of one. In a column of arrays the rows need not lie one
 * after another, for null rows leave holes: each row says where it starts, and rows that do touch
 * are read in one stretch.
 */
final class SparseFiller {
  /** Row ids read in one stretch, unless one bag alone has more. */
  private static final int STRETCH = 4096;

  private final SparseInput input;
  private final int ordinal;
  private final boolean bags;
  private final Elements elements;
  private long[] ids = new long[STRETCH];
  private int[] narrowed = new int[STRETCH];
  private int narrowedCount;
  private int[] starts = new int[0];
  private int[] lengths = new int[0];

  SparseFiller(SparseInput input, BoundColumn column) {
    this.input = input;
    this.ordinal = column.ordinal();
    this.bags = column.type() instanceof ArrayType;
    this.elements = new Elements(elementType(column.type()));
  }

  /** The type of the row ids in a column of {@code type}. */
  static DataType elementType(DataType type) {
    return type instanceof ArrayType array ? array.elementType() : type;
  }

  int ordinal() {
    return ordinal;
  }

  /** Rows {@code [from, from + count)} of {@code column} to {@code out}, from {@code at} on. */
  void fill(ColumnVector column, int from, int count, JaggedTensor out, int at, BadRowMarks marks) {
    if (!bags) {
      locateScalars(column, from, count);
      fillLocated(column, count, out, at, marks);
    } else if (column instanceof WritableColumnVector arrays) {
      locateBags(arrays, from, count);
      fillLocated(arrays.arrayData(), count, out, at, marks);
    } else {
      // Vectors of another make do not say where their arrays lie: one by one.
      for (int i = 0; i < count; i++) {
        fillBag(column.isNullAt(from + i) ? null : column.getArray(from + i), out, at + i, marks);
      }
    }
  }

  private void locateScalars(ColumnVector column, int from, int count) {
    reserveRows(count);
    boolean nulls = column.hasNull();
    for (int i = 0; i < count; i++) {
      starts[i] = from + i;
      lengths[i] = nulls && column.isNullAt(from + i) ? 0 : 1;
    }
  }

  private void locateBags(WritableColumnVector column, int from, int count) {
    reserveRows(count);
    boolean nulls = column.hasNull();
    for (int i = 0; i < count; i++) {
      boolean isNull = nulls && column.isNullAt(from + i);
      starts[i] = isNull ? 0 : column.getArrayOffset(from + i);
      lengths[i] = isNull ? 0 : column.getArrayLength(from + i);
    }
  }

  private void fillLocated(
      ColumnVector data, int count, JaggedTensor out, int at, BadRowMarks marks) {
    int row = 0;
    while (row < count) {
      int first = row;
      int start = starts[row];
      int end = start + lengths[row];
      row++;
      while (row < count
          && (lengths[row] == 0 || starts[row] == end || start == end)
          && (long) end - start + lengths[row] <= STRETCH) {
        if (start == end) {
          start = starts[row];
          end = start;
        }
        end += lengths[row];
        row++;
      }
      fillStretch(data, start, end - start, first, row, out, at, marks);
    }
  }

  /** Rows {@code [first, last)}, whose ids are the {@code count} elements from {@code start} on. */
  private void fillStretch(
      ColumnVector data,
      int start,
      int count,
      int first,
      int last,
      JaggedTensor out,
      int at,
      BadRowMarks marks) {
    reserveIds(count);
    read(data, start, count);
    int base = out.offsets().get(at + first);
    narrowedCount = 0;
    if (allInTable(data, start, count)) {
      for (int i = 0; i < count; i++) {
        narrowed[i] = (int) ids[i];
      }
      narrowedCount = count;
      int end = base;
      for (int row = first; row < last; row++) {
        end += lengths[row];
        out.offsets().put(at + row + 1, end);
      }
    } else {
      ColumnarArray stretch = new ColumnarArray(data, start, count);
      int position = 0;
      for (int row = first; row < last; row++) {
        checkBag(stretch, position, lengths[row], at + row, marks);
        position += lengths[row];
        out.offsets().put(at + row + 1, base + narrowedCount);
      }
    }
    flush(out, base);
  }

  private void read(ColumnVector data, int start, int count) {
    if (input.hashMod() == 0) {
      elements.longs(data, start, count, ids);
      return;
    }
    elements.hashes(data, start, count, ids);
    for (int i = 0; i < count; i++) {
      ids[i] = Math.floorMod(ids[i], input.hashMod());
    }
  }

  private boolean allInTable(ColumnVector data, int start, int count) {
    long embeddings = input.numEmbeddings();
    boolean inside = true;
    for (int i = 0; i < count; i++) {
      inside &= ids[i] >= 0 && ids[i] < embeddings;
    }
    if (data.hasNull()) {
      for (int i = 0; i < count; i++) {
        inside &= !data.isNullAt(start + i);
      }
    }
    return inside;
  }

  /** One row to {@code out} at {@code at}. */
  void fill(InternalRow row, JaggedTensor out, int at, BadRowMarks marks) {
    if (bags) {
      fillBag(row.isNullAt(ordinal) ? null : row.getArray(ordinal), out, at, marks);
      return;
    }
    int base = out.offsets().get(at);
    narrowedCount = 0;
    if (!row.isNullAt(ordinal)) {
      ids[0] = idAt(row, ordinal);
      checkId(row, ordinal, ids[0], at, marks);
    }
    out.offsets().put(at + 1, base + narrowedCount);
    flush(out, base);
  }

  private void fillBag(ArrayData bag, JaggedTensor out, int at, BadRowMarks marks) {
    int base = out.offsets().get(at);
    int count = bag == null ? 0 : bag.numElements();
    reserveIds(count);
    for (int i = 0; i < count; i++) {
      ids[i] = bag.isNullAt(i) ? 0 : idAt(bag, i);
    }
    narrowedCount = 0;
    checkBag(bag, 0, count, at, marks);
    out.offsets().put(at + 1, base + narrowedCount);
    flush(out, base);
  }

  private long idAt(SpecializedGetters values, int position) {
    return input.hashMod() == 0
        ? elements.longAt(values, position)
        : Math.floorMod(elements.hashAt(values, position), input.hashMod());
  }

  /** Narrows ids {@code [from, from + count)}, the bag of one row; a bad row's bag stays empty. */
  private void checkBag(SpecializedGetters bag, int from, int count, int row, BadRowMarks marks) {
    int before = narrowedCount;
    for (int i = from; i < from + count; i++) {
      if (bag.isNullAt(i)) {
        marks.mark(row, this::nullReason);
      } else {
        checkId(bag, i, ids[i], row, marks);
      }
    }
    if (marks.isBad(row)) {
      narrowedCount = before;
    }
  }

  private void checkId(
      SpecializedGetters values, int position, long id, int row, BadRowMarks marks) {
    if (id >= 0 && id < input.numEmbeddings()) {
      narrowed[narrowedCount++] = (int) id;
    } else if (input.outOfRange() instanceof OutOfRange.RowId other) {
      narrowed[narrowedCount++] = Math.toIntExact(other.id());
    } else if (input.outOfRange() instanceof OutOfRange.BadRow) {
      marks.mark(row, () -> rangeReason(values, position));
    }
  }

  private void flush(JaggedTensor out, int base) {
    out.ensureValues((long) base + narrowedCount);
    out.values().put(base, narrowed, 0, narrowedCount);
  }

  private String rangeReason(SpecializedGetters values, int position) {
    return "row id "
        + elements.textAt(values, position)
        + " of column "
        + input.column()
        + " lies outside table "
        + input.table()
        + " of sparse feature "
        + input.feature()
        + ", expected 0 to "
        + (input.numEmbeddings() - 1);
  }

  private String nullReason() {
    return "the array in column "
        + input.column()
        + " holds a null, and sparse feature "
        + input.feature()
        + " takes row ids only";
  }

  private void reserveRows(int count) {
    if (starts.length < count) {
      starts = new int[count];
      lengths = new int[count];
    }
  }

  private void reserveIds(int count) {
    if (ids.length < count) {
      ids = new long[count];
      narrowed = new int[count];
    }
  }
}
