package io.nightjar.spark.executor;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Reads a column that came with a dictionary: what a feature makes of a value is made once an
 * entry, not once a row.
 *
 * <p>Spark shows which entry a row has, but not the dictionary, and the next batch may have another
 * one. So an entry is made from the first row of a stretch that has it, and forgotten after that.
 * Not thread-safe.
 */
final class DictionaryColumn {
  private static final int NULL = -1;

  /** With fewer, guessing wrong whether an entry is made already costs more than making it. */
  private static final int ROWS_AN_ENTRY = 8;

  private int[] made = new int[0];
  private int[] madeIn = new int[0];
  private int stretch;

  /**
   * Reads rows {@code [from, from + count)} of {@code column}, if that pays: if it has a dictionary
   * with a fraction of the entries that these are rows.
   *
   * @param maker makes 32 bits of the value in a row, which is not null
   * @param ofNull stands for null
   * @return whether it was done
   */
  boolean read(
      ColumnVector column, int from, int count, IntUnaryOperator maker, int ofNull, long[] out) {
    if (!(column instanceof WritableColumnVector vector) || !vector.hasDictionary()) {
      return false;
    }
    int[] codes = vector.getDictionaryIds().getInts(from, count);
    if (column.hasNull()) {
      for (int i = 0; i < count; i++) {
        codes[i] = column.isNullAt(from + i) ? NULL : codes[i];
      }
    }
    int last = NULL;
    for (int i = 0; i < count; i++) {
      last = Math.max(last, codes[i]);
    }
    if (last >= count / ROWS_AN_ENTRY) {
      return false;
    }
    begin(last + 1);
    for (int i = 0; i < count; i++) {
      int code = codes[i];
      if (code == NULL) {
        out[i] = ofNull;
        continue;
      }
      if (madeIn[code] != stretch) {
        made[code] = maker.applyAsInt(from + i);
        madeIn[code] = stretch;
      }
      out[i] = made[code];
    }
    return true;
  }

  /** Makes room for {@code count} entries and forgets those of before. */
  private void begin(int count) {
    if (made.length < count) {
      made = new int[count];
      madeIn = new int[count];
      stretch = 0;
    }
    stretch++;
    if (stretch == 0) {
      Arrays.fill(madeIn, 0); // after 2^32 stretches
      stretch = 1;
    }
  }
}
