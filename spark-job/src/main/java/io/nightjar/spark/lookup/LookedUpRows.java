package io.nightjar.spark.lookup;

/** Which row of a table each row of a batch has. Columns that were looked up together share it. */
public final class LookedUpRows {
  /** In place of a row where the table has none. */
  public static final int ABSENT = -1;

  private final int[] rows;
  private final boolean anyAbsent;

  /**
   * @param rows rows of the table, or {@link #ABSENT}; kept, not copied
   */
  public LookedUpRows(int[] rows) {
    this.rows = rows;
    int any = 0;
    for (int row : rows) {
      any |= row;
    }
    this.anyAbsent = any < 0;
  }

  /** The row of the table, or {@link #ABSENT}. */
  public int of(int row) {
    return rows[row];
  }

  /** Whether some are absent. */
  boolean anyAbsent() {
    return anyAbsent;
  }
}
