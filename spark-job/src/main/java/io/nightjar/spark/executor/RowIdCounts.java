package io.nightjar.spark.executor;

import java.util.Arrays;
import java.util.function.BiConsumer;

/** How often each row of each table was asked for: a hash table of longs, which grows. */
final class RowIdCounts {
  private static final int FIRST_BITS = 12;

  /** With more rows than half of these it is full, and takes 64 MiB. */
  private static final int MOST_BITS = 22;

  private static final long FREE = -1;

  private long[] keys;
  private long[] counts;
  private int bits = FIRST_BITS;
  private int used;

  RowIdCounts() {
    clear();
  }

  /** Counts a row of table {@code table} once more. */
  void add(int table, int row) {
    add(((long) table << Integer.SIZE) | row, 1);
  }

  private void add(long key, long times) {
    // Fibonacci hashing: neighbours, which ids often are, come to lie far apart.
    int at = (int) ((key * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - bits));
    while (keys[at] != key && keys[at] != FREE) {
      at = (at + 1) & (keys.length - 1);
    }
    if (keys[at] == FREE) {
      keys[at] = key;
      used++;
    }
    counts[at] += times;
    if (used > keys.length / 2 && bits < MOST_BITS) {
      grow();
    }
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldCounts = counts;
    bits += 2;
    clear();
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != FREE) {
        add(oldKeys[i], oldCounts[i]);
      }
    }
  }

  /** Whether it should be emptied before more is counted. */
  boolean isFull() {
    return bits >= MOST_BITS && used > keys.length / 2;
  }

  /** Forgets everything. */
  void clear() {
    keys = new long[1 << bits];
    counts = new long[1 << bits];
    Arrays.fill(keys, FREE);
    used = 0;
  }

  /** Gives each counted row, as table {@code << 32 |} row, and how often it was asked for. */
  void forEach(BiConsumer<Long, Long> each) {
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != FREE) {
        each.accept(keys[i], counts[i]);
      }
    }
  }
}
