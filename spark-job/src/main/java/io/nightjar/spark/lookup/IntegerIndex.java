package io.nightjar.spark.lookup;

import java.util.Arrays;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Of integer keys. Where they lie close together there is a place for each number between the least
 * and the greatest; else places are hashed, and the next free one is taken where one is taken.
 */
final class IntegerIndex extends KeyIndex {
  /** A place that is hashed takes three times as much, and every other one is empty. */
  private static final long NUMBERS_A_ROW = 6;

  private final long least;
  // Of each place; empty where a place is the key's distance from the least one.
  private final long[] keys;
  private final int[] rows;

  private IntegerIndex(long least, long[] keys, int[] rows) {
    this.least = least;
    this.keys = keys;
    this.rows = rows;
  }

  static IntegerIndex of(long[] keys) {
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (long key : keys) {
      least = Math.min(least, key);
      greatest = Math.max(greatest, key);
    }
    long range = greatest - least + 1; // negative where that is past a long, 0 for all of them
    boolean dense = range > 0 && range <= Math.min(MOST_ROWS, NUMBERS_A_ROW * keys.length);
    IntegerIndex index =
        dense
            ? new IntegerIndex(least, new long[0], absent((int) range))
            : new IntegerIndex(least, new long[places(keys.length)], absent(places(keys.length)));
    for (int row = 0; row < keys.length; row++) {
      index.put(keys[row], row);
    }
    return index;
  }

  private static int[] absent(int places) {
    int[] rows = new int[places];
    Arrays.fill(rows, LookedUpRows.ABSENT);
    return rows;
  }

  private boolean isDense() {
    return keys.length == 0;
  }

  private void put(long key, int row) {
    int place = isDense() ? (int) (key - least) : place(key);
    rows[place] = row;
    if (!isDense()) {
      keys[place] = key;
    }
  }

  /** Where {@code key} is, or would be. */
  private int place(long key) {
    int mask = keys.length - 1;
    // Multiplied by 2^64 over the golden ratio, whose high bits depend on all of the key's.
    int place = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (keys[place] != key && rows[place] != LookedUpRows.ABSENT) {
      place = (place + 1) & mask;
    }
    return place;
  }

  @Override
  void find(ColumnVector column, int count, int[] found) {
    long[] wanted = integers(column, count);
    if (isDense()) {
      for (int i = 0; i < count; i++) {
        long distance = wanted[i] - least;
        found[i] =
            distance >= 0 && distance < rows.length ? rows[(int) distance] : LookedUpRows.ABSENT;
      }
    } else {
      for (int i = 0; i < count; i++) {
        found[i] = i > 0 && wanted[i] == wanted[i - 1] ? found[i - 1] : rows[place(wanted[i])];
      }
    }
    if (column.hasNull()) {
      for (int i = 0; i < count; i++) {
        found[i] = column.isNullAt(i) ? LookedUpRows.ABSENT : found[i];
      }
    }
  }

  @Override
  long bytes() {
    return (long) Long.BYTES * keys.length + (long) Integer.BYTES * rows.length;
  }
}
