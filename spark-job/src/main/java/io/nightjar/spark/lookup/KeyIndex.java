package io.nightjar.spark.lookup;

import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Which row of a table has a key. Nobody has null for one. Immutable. */
abstract sealed class KeyIndex permits IntegerIndex, StringIndex {
  /** Twice as many places must fit an array. */
  static final int MOST_ROWS = (1 << 29) - 1;

  /**
   * Makes the index.
   *
   * @param keys of rows {@code [0, rows)}, each there once and none null
   */
  static KeyIndex of(OnHeapColumnVector keys, int rows) {
    return keys.dataType().equals(DataTypes.StringType)
        ? new StringIndex(keys, rows)
        : IntegerIndex.of(integers(keys, rows));
  }

  /**
   * Finds the rows of the table that have keys {@code [0, count)} of {@code keys}.
   *
   * @param rows takes them, or {@link LookedUpRows#ABSENT}
   */
  abstract void find(ColumnVector keys, int count, int[] rows);

  /** What it takes of the heap. */
  abstract long bytes();

  /** A power of two, at least twice {@code rows}: half the places stay empty. */
  static int places(int rows) {
    return Integer.highestOneBit(Math.max(1, rows)) << 2;
  }

  /** Integers {@code [0, count)} of any width, with anything in place of null. */
  static long[] integers(ColumnVector column, int count) {
    boolean plain = !(column instanceof WritableColumnVector vector && vector.hasDictionary());
    boolean nulls = column.hasNull();
    if (plain && column.dataType() instanceof LongType) {
      return column.getLongs(0, count);
    }
    long[] integers = new long[count];
    if (plain && column.dataType() instanceof IntegerType) {
      int[] ints = column.getInts(0, count);
      for (int i = 0; i < count; i++) {
        integers[i] = ints[i];
      }
      return integers;
    }
    for (int i = 0; i < count; i++) {
      if (!nulls || !column.isNullAt(i)) {
        integers[i] = integer(column, i);
      }
    }
    return integers;
  }

  private static long integer(ColumnVector column, int row) {
    if (column.dataType() instanceof LongType) {
      return column.getLong(row);
    } else if (column.dataType() instanceof IntegerType) {
      return column.getInt(row);
    } else if (column.dataType() instanceof ShortType) {
      return column.getShort(row);
    }
    return column.getByte(row);
  }
}
