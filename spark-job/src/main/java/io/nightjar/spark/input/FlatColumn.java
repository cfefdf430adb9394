package io.nightjar.spark.input;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;

/** A number a row, or null. */
final class FlatColumn implements NumberColumn {
  private final ColumnDescriptor column;
  private final ColumnPages pages;
  private final Presence presence;

  /**
   * Reads {@code column}.
   *
   * @param capacity most rows of a batch
   */
  FlatColumn(ColumnDescriptor column, NumberType type, int capacity) {
    this.column = column;
    this.pages = new ColumnPages(column, type);
    this.presence = new Presence(type, capacity);
  }

  @Override
  public void start(PageReadStore group) {
    pages.start(group.getPageReader(column));
  }

  @Override
  public void read(WritableColumnVector vector, int rows) {
    int row = 0;
    while (row < rows) {
      int count = Math.min(rows - row, pages.left());
      if (count == 0) {
        throw new ParquetDecodingException(
            "Cannot read " + column + ": it ends " + (rows - row) + " rows before its row group");
      }
      read(vector, row, count);
      pages.take(count);
      row += count;
    }
  }

  private void read(WritableColumnVector vector, int row, int count) {
    boolean nullable = column.getMaxDefinitionLevel() > 0;
    if (!nullable || pages.definitions().skip(1, count)) {
      pages.values().put(count, vector, row, presence.scratch());
    } else {
      // 1 is the highest level, so levels say who is there.
      pages.definitions().read(presence.flags(), count);
      presence.put(pages.values(), vector, row, count);
    }
  }
}
