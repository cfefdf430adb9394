package io.nightjar.spark.executor;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Where a key changes in a stretch of its column: rows that follow each other with the same key are
 * a run, and a row without a key is one by itself. Not thread-safe.
 */
final class KeyRuns {
  private final boolean isString;
  private final Elements elements;
  // A number a row, which is the same where the key is.
  private long[] numbers = new long[0];
  private int[] ends = new int[0];

  /**
   * @param type of the key, one that {@link SharedInputs#takes}
   */
  KeyRuns(DataType type) {
    this.isString = ElementKind.of(type).orElseThrow() == ElementKind.STRING;
    this.elements = new Elements(type);
  }

  /**
   * Finds the runs of rows {@code [from, from + count)} of {@code column}.
   *
   * @param count at least 1
   * @return how many runs there are
   */
  int find(ColumnVector column, int from, int count) {
    if (numbers.length < count) {
      numbers = new long[count];
      ends = new int[count];
    }
    number(column, from, count);
    boolean nulls = column.hasNull();
    int runs = 0;
    for (int i = 1; i < count; i++) {
      if (numbers[i] != numbers[i - 1]
          || (nulls && (column.isNullAt(from + i) || column.isNullAt(from + i - 1)))) {
        ends[runs++] = i;
      }
    }
    ends[runs++] = count;
    return runs;
  }

  /** Rows from the beginning of the stretch to the end of a run. */
  int end(int run) {
    return ends[run];
  }

  private void number(ColumnVector column, int from, int count) {
    if (column instanceof WritableColumnVector vector && vector.hasDictionary()) {
      int[] entries = vector.getDictionaryIds().getInts(from, count);
      for (int i = 0; i < count; i++) {
        numbers[i] = entries[i];
      }
    } else if (isString) {
      UTF8String last = null;
      for (int i = 0; i < count; i++) {
        UTF8String key = column.isNullAt(from + i) ? null : column.getUTF8String(from + i);
        numbers[i] = key != null && key.equals(last) ? numbers[i - 1] : i;
        last = key;
      }
    } else {
      elements.longs(column, from, count, numbers);
    }
  }
}
