package io.nightjar.spark.executor;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;

/**
 * Where the bags of some rows lie among the elements of a column.
 *
 * <p>The bags need not lie one after another, for null rows leave holes: each row says where it
 * starts, and rows that do touch are read in one stretch.
 */
final class BagRanges {
  /** Elements read in one stretch, unless one bag alone has more. */
  private static final int LONGEST_STRETCH = 4096;

  private int[] starts = new int[0];
  private int[] lengths = new int[0];
  private int rows;
  private int stretchStart;
  private int stretchEnd;

  /** Rows {@code [from, from + count)} of a column of arrays. */
  void ofArrays(WritableColumnVector column, int from, int count) {
    reserve(count);
    boolean nulls = column.hasNull();
    for (int i = 0; i < count; i++) {
      boolean isNull = nulls && column.isNullAt(from + i);
      starts[i] = isNull ? 0 : column.getArrayOffset(from + i);
      lengths[i] = isNull ? 0 : column.getArrayLength(from + i);
    }
  }

  private void reserve(int count) {
    rows = count;
    if (starts.length < count) {
      starts = new int[count];
      lengths = new int[count];
    }
  }

  /** Size of a row's bag. */
  int length(int row) {
    return lengths[row];
  }

  /**
   * Finds the rows from {@code first} on whose bags follow each other without a hole: {@link
   * #stretchStart} and {@link #stretchLength} say where.
   *
   * @return the row after the last of them
   */
  int stretch(int first) {
    stretchStart = starts[first];
    stretchEnd = stretchStart + lengths[first];
    int row = first + 1;
    while (row < rows && continues(row) && fits(row)) {
      if (stretchStart == stretchEnd) {
        stretchStart = starts[row];
        stretchEnd = stretchStart;
      }
      stretchEnd += lengths[row];
      row++;
    }
    return row;
  }

  private boolean continues(int row) {
    return lengths[row] == 0 || starts[row] == stretchEnd || stretchStart == stretchEnd;
  }

  private boolean fits(int row) {
    return (long) stretchLength() + lengths[row] <= LONGEST_STRETCH;
  }

  /** First element of the last {@link #stretch}. */
  int stretchStart() {
    return stretchStart;
  }

  /** Elements of the last {@link #stretch}. */
  int stretchLength() {
    return stretchEnd - stretchStart;
  }
}
