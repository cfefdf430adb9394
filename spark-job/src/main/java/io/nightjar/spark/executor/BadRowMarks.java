package io.nightjar.spark.executor;

import java.util.function.Supplier;

/** Which rows of one scoring batch cannot be scored, and why. */
final class BadRowMarks {
  private final boolean[] bad;
  private final boolean keepsValues;
  // Most batches have no bad row, and need no room for these.
  private BadRowCause[] causes;
  private String[] values;
  private int count;
  private int firstRow = -1;
  private String firstMessage = "";

  /**
   * @param capacity most rows
   * @param keepsValues whether {@link #value} will be asked for
   */
  BadRowMarks(int capacity, boolean keepsValues) {
    this.bad = new boolean[capacity];
    this.keepsValues = keepsValues;
  }

  /**
   * Marks a row; of several causes for one row the first stands.
   *
   * @param value gives the text of the value, null if that is null
   */
  void mark(int row, BadRowCause cause, Supplier<String> value) {
    if (bad[row]) {
      return;
    }
    if (count == 0) {
      causes = new BadRowCause[bad.length];
      values = keepsValues ? new String[bad.length] : null;
      firstRow = row;
      firstMessage = cause.message().apply(value.get());
    }
    bad[row] = true;
    causes[row] = cause;
    if (keepsValues) {
      values[row] = value.get();
    }
    count++;
  }

  boolean isBad(int row) {
    return bad[row];
  }

  int count() {
    return count;
  }

  /** Why a bad row is bad. */
  BadRowCause cause(int row) {
    return causes[row];
  }

  /** The text of the value that makes a bad row bad; null if that is null. */
  String value(int row) {
    return values[row];
  }

  /** The row that was marked first, which need not be the first of the bad ones; -1 if none. */
  int firstRow() {
    return firstRow;
  }

  /** Why {@link #firstRow} cannot be scored. */
  String firstMessage() {
    return firstMessage;
  }

  /** First bad row of {@code [from, to)}, or {@code to}. */
  int nextBad(int from, int to) {
    if (count == 0) {
      return to;
    }
    int row = from;
    while (row < to && !bad[row]) {
      row++;
    }
    return row;
  }
}
