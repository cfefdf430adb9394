package io.nightjar.spark.executor;

import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Looks, once a batch, whether two rows with the same key have the same values, as whoever named
 * the key has promised. A sample: it finds a column that is not the key's at all, not one that
 * differs now and then.
 */
final class KeySample {
  private final BoundColumn key;
  private final List<BoundColumn> columns;
  private final String[] values;
  private boolean waits;

  /**
   * @param columns what the key decides
   */
  KeySample(BoundColumn key, List<BoundColumn> columns) {
    this.key = key;
    this.columns = List.copyOf(columns);
    this.values = new String[columns.size()];
  }

  /** Keeps the values of a row. */
  void keep(InternalRow row) {
    for (int i = 0; i < values.length; i++) {
      values[i] = RowText.whole(row, columns.get(i));
    }
    waits = true;
  }

  /**
   * Looks at a row that has the key of the one that was kept, if it is the first to do so.
   *
   * @throws BadRowException if their values are not the same
   */
  void compare(InternalRow row) {
    for (int i = 0; waits && i < values.length; i++) {
      String value = RowText.whole(row, columns.get(i));
      if (!Objects.equals(value, values[i])) {
        throw new BadRowException(
            "Invalid key %s of column %s: rows with %s have %s and %s, expected one value"
                .formatted(
                    key.name(),
                    columns.get(i).name(),
                    RowText.of(row, List.of(key)),
                    values[i],
                    value));
      }
    }
    waits = false;
  }
}
