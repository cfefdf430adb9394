package io.nightjar.spark.lookup;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The keys of a table that is sent, as numbers that tell whether it has one row a key: an integer
 * is its own, a string has a hash of 64 bits. Null has none.
 */
public final class TableKeys {
  private TableKeys() {}

  /**
   * The number of the key of {@code row}, which is not null there. Equal keys have the same; so can
   * two strings that differ, once in many billions of tables of a million rows.
   */
  static long number(InternalRow row, TableSchema schema) {
    Object key = row.get(schema.ordinal(), schema.key());
    return key instanceof UTF8String text
        ? XXH64.hashUTF8String(text, 0)
        : ((Number) key).longValue();
  }

  /**
   * Whether every row has a key that no other one has.
   *
   * @param parts numbers of the keys, as {@link SentTable#part} gives them
   * @param rows how many the table has
   * @return if false, some key may be null or there twice
   */
  public static boolean areUnique(List<long[]> parts, long rows) {
    if (parts.stream().mapToLong(part -> part.length).sum() < rows) {
      return false;
    }
    long[] keys = new long[Math.toIntExact(rows)];
    int copied = 0;
    for (long[] part : parts) {
      System.arraycopy(part, 0, keys, copied, part.length);
      copied += part.length;
    }
    Arrays.parallelSort(keys);
    for (int i = 1; i < keys.length; i++) {
      if (keys[i] == keys[i - 1]) {
        return false;
      }
    }
    return true;
  }
}
