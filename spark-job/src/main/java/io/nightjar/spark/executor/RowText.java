package io.nightjar.spark.executor;

import java.util.List;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;

/** A row as a message names it: {@code user_id=7, item_id=12}. */
final class RowText {
  private static final int MOST_COLUMNS = 10;
  private static final int LONGEST_VALUE = 60;

  private RowText() {}

  /** The first few of {@code columns}, with their values cut to a readable length. */
  static String of(InternalRow row, List<BoundColumn> columns) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        text.append(", ");
      }
      if (i == MOST_COLUMNS) {
        return text.append("…").toString();
      }
      text.append(columns.get(i).name()).append('=').append(value(row, columns.get(i)));
    }
    return text.toString();
  }

  /** The value of one column. */
  private static String value(InternalRow row, BoundColumn column) {
    if (row.isNullAt(column.ordinal())) {
      return "null";
    }
    String text = whole(row, column).replaceAll("\\p{Cntrl}", " ");
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }

  /** The value of one column, however long; null if that is null. */
  static String whole(InternalRow row, BoundColumn column) {
    return row.isNullAt(column.ordinal())
        ? null
        : String.valueOf(
            CatalystTypeConverters.convertToScala(
                row.get(column.ordinal(), column.type()), column.type()));
  }
}
