package io.nightjar.spark.executor;

import io.nightjar.spark.spec.RequiredColumn;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Marks the rows in which a required column is null. */
final class RequiredCheck {
  private final RequiredColumn column;
  private final int ordinal;

  RequiredCheck(RequiredColumn column, BoundColumn bound) {
    this.column = column;
    this.ordinal = bound.ordinal();
  }

  int ordinal() {
    return ordinal;
  }

  /** Rows {@code [from, from + count)} of the column are those from {@code at} on in the batch. */
  void mark(ColumnVector values, int from, int count, int at, BadRowMarks marks) {
    if (values.hasNull()) {
      for (int i = 0; i < count; i++) {
        if (values.isNullAt(from + i)) {
          marks.mark(at + i, column::reason);
        }
      }
    }
  }

  /** One row. */
  void mark(InternalRow row, int at, BadRowMarks marks) {
    if (row.isNullAt(ordinal)) {
      marks.mark(at, column::reason);
    }
  }
}
