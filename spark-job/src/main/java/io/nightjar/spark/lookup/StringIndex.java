package io.nightjar.spark.lookup;

import java.util.Arrays;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/** Of strings: places are hashed, and the next free one is taken where one is taken. */
final class StringIndex extends KeyIndex {
  private final OnHeapColumnVector keys;
  private final int[] rows;

  StringIndex(OnHeapColumnVector keys, int count) {
    this.keys = keys;
    this.rows = new int[places(count)];
    Arrays.fill(rows, LookedUpRows.ABSENT);
    for (int row = 0; row < count; row++) {
      rows[place(keys.getUTF8String(row))] = row;
    }
  }

  /** Where {@code key} is, or would be. */
  private int place(UTF8String key) {
    int mask = rows.length - 1;
    int place = key.hashCode() & mask;
    while (rows[place] != LookedUpRows.ABSENT && !keys.getUTF8String(rows[place]).equals(key)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  @Override
  void find(ColumnVector column, int count, int[] found) {
    UTF8String last = null;
    for (int i = 0; i < count; i++) {
      UTF8String key = column.isNullAt(i) ? null : column.getUTF8String(i);
      if (key == null) {
        found[i] = LookedUpRows.ABSENT;
      } else {
        found[i] = key.equals(last) ? found[i - 1] : rows[place(key)];
      }
      last = key;
    }
  }

  @Override
  long bytes() {
    return (long) Integer.BYTES * rows.length;
  }
}
