package io.nightjar.spark.executor;

import io.nightjar.batch.JaggedTensor;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.OutOfRange;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;

/** Fills the bags of one sparse feature: read or hash, check on 64 bits, narrow. */
final class SparseFiller {
  private final SparseInput input;
  private final int ordinal;
  private final boolean bags;
  private final BadRowCause outsideTable;
  private final BadRowCause nullInArray;
  private final Elements elements;
  private final ElementHash hash;
  private final Modulus modulus;
  private final BagRanges ranges = new BagRanges();
  private long[] ids = new long[0];
  private int[] narrowed = new int[0];
  private int[] ends = new int[0];
  private int narrowedCount;
  private long replacedIds;
  private long leftOutIds;

  SparseFiller(SparseInput input, BoundColumn column) {
    DataType elementType = FeatureTypes.elementType(column.type());
    this.input = input;
    this.ordinal = column.ordinal();
    this.bags = column.type() instanceof ArrayType;
    this.elements = new Elements(elementType);
    this.hash = new ElementHash(elementType);
    this.modulus = new Modulus(Math.max(1, input.hashMod()));
    this.outsideTable =
        new BadRowCause(BadRowReason.ROW_ID_OUT_OF_RANGE, input.column(), this::rangeMessage);
    this.nullInArray =
        new BadRowCause(BadRowReason.NULL_IN_ARRAY, input.column(), value -> nullMessage());
  }

  int ordinal() {
    return ordinal;
  }

  /** Whether a row has a bag of any size, and not one row id or none. */
  boolean hasBags() {
    return bags;
  }

  /** Row ids outside the table, until now, that were left out or replaced. */
  long replacedIds() {
    return replacedIds;
  }

  /** Those of them that were left out. */
  long leftOutIds() {
    return leftOutIds;
  }

  /** Rows {@code [from, from + count)} of {@code column} to {@code out}, from {@code at} on. */
  void fill(ColumnVector column, int from, int count, JaggedTensor out, int at, BadRowMarks marks) {
    if (!bags && !column.hasNull()) {
      fillOnes(column, from, count, out, at, marks);
    } else if (!bags) {
      ranges.ofScalars(column, from, count);
      fillRanges(column, count, out, at, marks);
    } else if (column instanceof WritableColumnVector arrays) {
      ranges.ofArrays(arrays, from, count);
      fillRanges(arrays.arrayData(), count, out, at, marks);
    } else {
      // Vectors of another make do not say where their arrays lie: one by one.
      for (int i = 0; i < count; i++) {
        fillBag(column.isNullAt(from + i) ? null : column.getArray(from + i), out, at + i, marks);
      }
    }
  }

  /** Rows with one id each. */
  private void fillOnes(
      ColumnVector column, int from, int count, JaggedTensor out, int at, BadRowMarks marks) {
    begin(count);
    if (!read(column, from, count)) {
      ranges.ofScalars(column, from, count);
      fillRanges(column, count, out, at, marks);
      return;
    }
    int base = out.offsets().get(at);
    narrowedCount = count;
    for (int i = 0; i < count; i++) {
      ends[i] = base + i + 1;
    }
    out.offsets().put(at + 1, ends, 0, count);
    flush(out, base);
  }

  private void fillRanges(
      ColumnVector data, int count, JaggedTensor out, int at, BadRowMarks marks) {
    int row = 0;
    while (row < count) {
      int last = ranges.stretch(row);
      fillStretch(data, row, last, out, at, marks);
      row = last;
    }
  }

  /** Rows {@code [first, last)}, whose bags are one stretch of elements. */
  private void fillStretch(
      ColumnVector data, int first, int last, JaggedTensor out, int at, BadRowMarks marks) {
    int start = ranges.stretchStart();
    int count = ranges.stretchLength();
    begin(count);
    int base = out.offsets().get(at + first);
    if (read(data, start, count) && !hasNull(data, start, count)) {
      narrowedCount = count;
      int end = base;
      for (int row = first; row < last; row++) {
        end += ranges.length(row);
        out.offsets().put(at + row + 1, end);
      }
    } else {
      ColumnarArray stretch = new ColumnarArray(data, start, count);
      int position = 0;
      for (int row = first; row < last; row++) {
        checkBag(stretch, position, ranges.length(row), at + row, marks);
        position += ranges.length(row);
        out.offsets().put(at + row + 1, base + narrowedCount);
      }
    }
    flush(out, base);
  }

  /**
   * Reads elements, narrowed as well.
   *
   * @return whether they lie in the table; what stands in place of a null may do so or not
   */
  private boolean read(ColumnVector data, int start, int count) {
    if (input.hashMod() > 0) {
      hash.of(data, start, count, ids);
      for (int i = 0; i < count; i++) {
        ids[i] = modulus.of(ids[i]);
        narrowed[i] = (int) ids[i];
      }
      return true;
    }
    elements.longs(data, start, count, ids);
    long last = input.numEmbeddings() - 1L;
    long outside = 0;
    for (int i = 0; i < count; i++) {
      outside |= ids[i] | last - ids[i];
      narrowed[i] = (int) ids[i];
    }
    return outside >= 0;
  }

  private static boolean hasNull(ColumnVector data, int start, int count) {
    boolean found = false;
    if (data.hasNull()) {
      for (int i = 0; i < count; i++) {
        found |= data.isNullAt(start + i);
      }
    }
    return found;
  }

  /** One row to {@code out} at {@code at}. */
  void fill(InternalRow row, JaggedTensor out, int at, BadRowMarks marks) {
    if (bags) {
      fillBag(row.isNullAt(ordinal) ? null : row.getArray(ordinal), out, at, marks);
      return;
    }
    int base = out.offsets().get(at);
    begin(1);
    if (!row.isNullAt(ordinal)) {
      checkId(row, ordinal, idAt(row, ordinal), at, marks);
    }
    out.offsets().put(at + 1, base + narrowedCount);
    flush(out, base);
  }

  private void fillBag(ArrayData bag, JaggedTensor out, int at, BadRowMarks marks) {
    int base = out.offsets().get(at);
    int count = bag == null ? 0 : bag.numElements();
    begin(count);
    for (int i = 0; i < count; i++) {
      ids[i] = bag.isNullAt(i) ? 0 : idAt(bag, i);
    }
    checkBag(bag, 0, count, at, marks);
    out.offsets().put(at + 1, base + narrowedCount);
    flush(out, base);
  }

  private long idAt(SpecializedGetters values, int position) {
    return input.hashMod() == 0
        ? elements.longAt(values, position)
        : modulus.of(hash.at(values, position));
  }

  /** Narrows ids {@code [from, from + count)}, the bag of one row; a bad row's bag stays empty. */
  private void checkBag(SpecializedGetters bag, int from, int count, int row, BadRowMarks marks) {
    int before = narrowedCount;
    for (int i = from; i < from + count; i++) {
      if (bag.isNullAt(i)) {
        marks.mark(row, nullInArray, () -> null);
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
    } else if (input.outOfRange() instanceof OutOfRange.BadRow) {
      marks.mark(row, outsideTable, () -> elements.textAt(values, position));
    } else {
      replacedIds++;
      if (input.outOfRange() instanceof OutOfRange.RowId other) {
        narrowed[narrowedCount++] = Math.toIntExact(other.id());
      } else {
        leftOutIds++;
      }
    }
  }

  private String rangeMessage(String value) {
    return "row id "
        + value
        + " of column "
        + input.column()
        + " lies outside table "
        + input.table()
        + " of sparse feature "
        + input.feature()
        + ", expected 0 to "
        + (input.numEmbeddings() - 1);
  }

  private String nullMessage() {
    return "the array in column "
        + input.column()
        + " holds a null, and sparse feature "
        + input.feature()
        + " takes row ids only";
  }

  /** Makes room for {@code count} ids. */
  private void begin(int count) {
    narrowedCount = 0;
    if (ids.length < count) {
      ids = new long[count];
      narrowed = new int[count];
      ends = new int[count];
    }
  }

  private void flush(JaggedTensor out, int base) {
    out.ids().ensure((long) base + narrowedCount);
    out.ids().put(base, narrowed, 0, narrowedCount);
  }
}
