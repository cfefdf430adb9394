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

  /**
   * Rows {@code [from, from + count)} of a column of arrays. Empty and null ones lie where the row
   * before them ends, whatever the column says.
   */
  void ofArrays(WritableColumnVector column, int from, int count) {
    reserve(count);
    boolean nulls = column.hasNull();
    int end = 0;
    for (int i = 0; i < count; i++) {
      int length = nulls && column.isNullAt(from + i) ? 0 : column.getArrayLength(from + i);
      int start = length == 0 ? end : column.getArrayOffset(from + i);
      starts[i] = start;
      lengths[i] = length;
      end = start + length;
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
    int start = starts[first];
    int end = start + lengths[first];
    int row = first + 1;
    while (row < rows && starts[row] == end && end - start + lengths[row] <= LONGEST_STRETCH) {
      end += lengths[row];
      row++;
    }
    stretchStart = start;
    stretchEnd = end;
    return row;
  }

  /**
   * Where the bags of rows {@code [first, last)} of the last {@link #stretch} end, if the first one
   * begins at {@code base}.
   */
  void ends(int first, int last, int base, int[] out) {
    int moved = base - stretchStart;
    for (int row = first; row < last; row++) {
      out[row - first] = starts[row] + lengths[row] + moved;
    }
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
