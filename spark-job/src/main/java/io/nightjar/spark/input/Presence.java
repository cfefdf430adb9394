package io.nightjar.spark.input;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;

/** Puts values where they belong if some are absent. Not thread-safe. */
final class Presence {
  private final NumberType type;
  private final int[] flags;
  private final byte[] dense;
  private final byte[] spread;

  /** Of up to {@code capacity} values at a time. */
  Presence(NumberType type, int capacity) {
    this.type = type;
    this.flags = new int[capacity];
    this.dense = new byte[(capacity + 1) * type.width()];
    this.spread = new byte[capacity * type.width()];
  }

  /** For the caller to fill: 1 for a value that is there, 0 for one that is not. */
  int[] flags() {
    return flags;
  }

  /** Room for values that are all there. */
  byte[] scratch() {
    return dense;
  }

  /** Puts {@code count} values, of which those that are there are the next ones of {@code from}. */
  void put(PageValues from, WritableColumnVector vector, int row, int count) {
    int there = 0;
    for (int i = 0; i < count; i++) {
      there += flags[i];
    }
    if (there == count) {
      from.put(count, vector, row, dense);
      return;
    }
    from.read(there, dense);
    type.spread(dense, flags, count, spread);
    type.put(vector, row, count, spread, 0);
    for (int i = 0; i < count; i++) {
      if (flags[i] == 0) {
        vector.putNull(row + i);
      }
    }
  }
}
