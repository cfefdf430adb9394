package io.nightjar.spark.executor;

import java.util.function.Supplier;

/** Which rows of one scoring batch cannot be scored, and why. */
final class BadRowMarks {
  private final boolean[] bad;
  // Most batches have no bad row, and need no room for causes.
  private BadRowCause[] causes;
  private int count;
  private int firstRow = -1;
  private String firstMessage = "";

  BadRowMarks(int capacity) {
    this.bad = new boolean[capacity];
  }

  /** Marks a row; of several causes for one row the first stands. */
  void mark(int row, BadRowCause cause, Supplier<String> value) {
    if (bad[row]) {
      return;
    }
    if (count == 0) {
      causes = new BadRowCause[bad.length];
      firstRow = row;
      firstMessage = cause.message().apply(value.get());
    }
    bad[row] = true;
    causes[row] = cause;
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
