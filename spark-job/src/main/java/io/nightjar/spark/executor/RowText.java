package io.nightjar.spark.executor;

import java.util.List;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;

/** A row as a message names it: {@code user_id=7, item_id=12}. */
final class RowText {
  /** What stands for a null. */
  static final String NULL = "null";

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
  static String value(InternalRow row, BoundColumn column) {
    if (row.isNullAt(column.ordinal())) {
      return NULL;
    }
    Object value = row.get(column.ordinal(), column.type());
    String text =
        String.valueOf(CatalystTypeConverters.convertToScala(value, column.type()))
            .replaceAll("\\p{Cntrl}", " ");
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
  }
}
