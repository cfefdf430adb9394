package io.nightjar.spark.executor;

import io.nightjar.spark.spec.RequiredColumn;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Marks the rows in which a required column is null. */
final class RequiredCheck {
  private final int ordinal;
  private final BoundColumn blamed;
  private final BadRowCause cause;

  RequiredCheck(RequiredColumn column, BoundColumn bound, BoundColumn blamed) {
    this.ordinal = bound.ordinal();
    this.blamed = blamed;
    this.cause = new BadRowCause(column.reason(), column.blamed(), value -> column.message());
  }

  /**
   * Rows {@code [from, from + count)} of {@code rows} are those from {@code at} on in the batch.
   */
  void mark(ColumnarBatch rows, int from, int count, int at, BadRowMarks marks) {
    ColumnVector values = rows.column(ordinal);
    if (values.hasNull()) {
      for (int i = 0; i < count; i++) {
        if (values.isNullAt(from + i)) {
          int row = from + i;
          marks.mark(at + i, cause, () -> RowText.whole(rows.getRow(row), blamed));
        }
      }
    }
  }

  /** One row. */
  void mark(InternalRow row, int at, BadRowMarks marks) {
    if (row.isNullAt(ordinal)) {
      marks.mark(at, cause, () -> RowText.whole(row, blamed));
    }
  }
}
