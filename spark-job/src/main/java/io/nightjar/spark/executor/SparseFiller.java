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

/**
 * Fills the bags of one sparse feature: read or hash, check on 64 bits, narrow. Hashes of integers
 * that cannot be bad are left to whoever scores, and the bags are then of values.
 */
final class SparseFiller {
  /** Values that are read and put together, so that they stay in the nearest cache. */
  private static final int BLOCK = 1024;

  private final SparseInput input;
  private final int ordinal;
  private final boolean bags;
  private final BadRowCause outsideTable;
  private final BadRowCause nullInArray;
  private final RowIds rowIds;
  private final BagRanges ranges = new BagRanges();
  private final int[] block = new int[BLOCK];
  private long[] ids = new long[0];
  private int idCount;
  private int[] ends = new int[0];
  private final PlaceCount replacedIds = new PlaceCount();
  private final PlaceCount leftOutIds = new PlaceCount();

  SparseFiller(SparseInput input, BoundColumn column) {
    DataType elementType = FeatureTypes.elementType(column.type());
    this.input = input;
    this.ordinal = column.ordinal();
    this.bags = column.type() instanceof ArrayType;
    this.rowIds = new RowIds(input, elementType);
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
    return replacedIds.count();
  }

  /** Those of them that were left out. */
  long leftOutIds() {
    return leftOutIds.count();
  }

  /** Rows {@code [from, from + count)} of {@code column} to {@code out}, from {@code at} on. */
  void fill(ColumnVector column, int from, int count, JaggedTensor out, int at, BadRowMarks marks) {
    begin(out, at);
    if (!bags) {
      fillScalars(column, from, count, out, at, marks);
    } else if (column instanceof WritableColumnVector arrays) {
      ranges.ofArrays(arrays, from, count);
      fillRanges(arrays.arrayData(), count, out, at, marks);
    } else {
      // Vectors of another make do not say where their arrays lie: one by one.
      for (int i = 0; i < count; i++) {
        ArrayData bag = column.isNullAt(from + i) ? null : column.getArray(from + i);
        fillBag(bag, out, at + i, at + i, marks);
      }
    }
  }

  /** Begins a batch: scalars have one id each, until one has none. */
  private void begin(JaggedTensor out, int at) {
    if (at > 0) {
      return;
    }
    out.ids().hash(rowIds.hashRows());
    if (bags) {
      out.haveOffsets(0);
      out.offsets().put(0, 0);
    } else {
      out.haveOneIdABag();
    }
  }

  private void fillScalars(
      ColumnVector column, int from, int count, JaggedTensor out, int at, BadRowMarks marks) {
    if (rowIds.areValues() && !column.hasNull() && out.hasOneIdABag()) {
      fillValues(column, from, count, out, at);
      return;
    }
    reserve(count);
    reserveEnds(count);
    int base = out.begin(at);
    boolean inTable = rowIds.read(column, from, count, ids);
    if (inTable && !column.hasNull() && out.hasOneIdABag()) {
      idCount = count;
      flush(out, base);
      return;
    }
    out.haveOffsets(at);
    if (inTable) {
      keepPresent(column, from, count, base);
    } else {
      ColumnarArray values = new ColumnarArray(column, from, count);
      for (int i = 0; i < count; i++) {
        if (!values.isNullAt(i)) {
          checkId(values, i, at + i, marks);
        }
        ends[i] = base + idCount;
      }
    }
    out.offsets().put(at + 1, ends, 0, count);
    flush(out, base);
  }

  /** Values without nulls need nothing done to them. */
  private void fillValues(ColumnVector column, int from, int count, JaggedTensor out, int at) {
    out.ids().ensure((long) at + count);
    for (int done = 0; done < count; done += BLOCK) {
      int part = Math.min(BLOCK, count - done);
      rowIds.values(column, from + done, part, block);
      out.ids().put(at + done, block, 0, part);
    }
  }

  /** Takes the ids of rows that are not null. */
  private void keepPresent(ColumnVector column, int from, int count, int base) {
    boolean nulls = column.hasNull();
    int kept = 0;
    for (int i = 0; i < count; i++) {
      ids[kept] = ids[i];
      kept += nulls && column.isNullAt(from + i) ? 0 : 1;
      ends[i] = base + kept;
    }
    idCount = kept;
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
    reserve(count);
    reserveEnds(last - first);
    int base = out.begin(at + first);
    if (rowIds.read(data, start, count, ids) && !hasNull(data, start, count)) {
      idCount = count;
      ranges.ends(first, last, base, ends);
    } else {
      ColumnarArray stretch = new ColumnarArray(data, start, count);
      int position = 0;
      for (int row = first; row < last; row++) {
        checkBag(stretch, position, ranges.length(row), at + row, marks);
        position += ranges.length(row);
        ends[row - first] = base + idCount;
      }
    }
    out.offsets().put(at + first + 1, ends, 0, last - first);
    flush(out, base);
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

  /** Counts row ids of rows that share what was filled. */
  void countAgain(long replaced, long leftOut) {
    replacedIds.again(replaced);
    leftOutIds.again(leftOut);
  }

  /** From now on, until {@link #endInstances}, instances are filled by columns. */
  void beginInstances() {
    replacedIds.keepPlaces();
    leftOutIds.keepPlaces();
  }

  /** What was counted of an instance counts once for each of its rows. */
  void endInstances(int[] rowsOf) {
    replacedIds.countRows(rowsOf);
    leftOutIds.countRows(rowsOf);
  }

  /** Row {@code batchRow} of the batch to {@code out} at {@code at}. */
  void fill(InternalRow row, JaggedTensor out, int at, int batchRow, BadRowMarks marks) {
    begin(out, at);
    if (bags) {
      fillBag(row.isNullAt(ordinal) ? null : row.getArray(ordinal), out, at, batchRow, marks);
      return;
    }
    int base = out.begin(at);
    reserve(1);
    if (!row.isNullAt(ordinal)) {
      checkId(row, ordinal, batchRow, marks);
    }
    if (idCount == 0) {
      out.haveOffsets(at);
    }
    if (!out.hasOneIdABag()) {
      out.offsets().put(at + 1, base + idCount);
    }
    flush(out, base);
  }

  private void fillBag(ArrayData bag, JaggedTensor out, int at, int batchRow, BadRowMarks marks) {
    int base = out.begin(at);
    int count = bag == null ? 0 : bag.numElements();
    reserve(count);
    checkBag(bag, 0, count, batchRow, marks);
    out.offsets().put(at + 1, base + idCount);
    flush(out, base);
  }

  /** Takes ids {@code [from, from + count)}, the bag of one row; a bad row's bag stays empty. */
  private void checkBag(SpecializedGetters bag, int from, int count, int row, BadRowMarks marks) {
    int before = idCount;
    for (int i = from; i < from + count; i++) {
      if (bag.isNullAt(i)) {
        marks.mark(row, nullInArray, () -> null);
      } else {
        checkId(bag, i, row, marks);
      }
    }
    if (marks.isBad(row)) {
      idCount = before;
    }
  }

  private void checkId(SpecializedGetters values, int position, int row, BadRowMarks marks) {
    long id = rowIds.at(values, position);
    if (rowIds.areValues() || (id >= 0 && id < input.numEmbeddings())) {
      ids[idCount++] = id;
    } else if (input.outOfRange() instanceof OutOfRange.BadRow) {
      marks.mark(row, outsideTable, () -> rowIds.textAt(values, position));
    } else {
      replacedIds.add(row);
      if (input.outOfRange() instanceof OutOfRange.RowId other) {
        ids[idCount++] = other.id();
      } else {
        leftOutIds.add(row);
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
  private void reserve(int count) {
    idCount = 0;
    if (ids.length < count) {
      ids = new long[count];
    }
  }

  /** Makes room for where the bags of {@code count} rows end. */
  private void reserveEnds(int count) {
    if (ends.length < count) {
      ends = new int[count];
    }
  }

  private void flush(JaggedTensor out, int base) {
    out.ids().ensure((long) base + idCount);
    out.ids().put(base, ids, 0, idCount);
  }
}
