package io.nightjar.spark.executor;

import java.util.function.Supplier;

/** Which rows of one scoring batch cannot be scored, and why the first of them cannot. */
final class BadRowMarks {
  private final boolean[] bad;
  private int count;
  private int firstRow = -1;
  private String firstReason = "";

  BadRowMarks(int capacity) {
    this.bad = new boolean[capacity];
  }

  /** Marks a row; of several reasons for one row the first stands. */
  void mark(int row, Supplier<String> reason) {
    if (bad[row]) {
      return;
    }
    if (count == 0) {
      firstRow = row;
      firstReason = reason.get();
    }
    bad[row] = true;
    count++;
  }

  boolean isBad(int row) {
    return bad[row];
  }

  int count() {
    return count;
  }

  /** The row that was marked first, which need not be the first of the bad ones; -1 if none. */
  int firstRow() {
    return firstRow;
  }

  /** Why {@link #firstRow} cannot be scored. */
  String firstReason() {
    return firstReason;
  }

  /** First bad row of {@code [from, to)}, or {@code to}. */
  int nextBad(int from, int to) {
    int row = from;
    while (row < to && !bad[row]) {
      row++;
    }
    return row;
  }
}
