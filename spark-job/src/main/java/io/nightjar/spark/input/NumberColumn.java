package io.nightjar.spark.input;

import org.apache.parquet.column.page.PageReadStore;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;

/** Reads one column of numbers, or of arrays of them, rows by rows. Not thread-safe. */
sealed interface NumberColumn permits FlatColumn, ListColumn {

  /** Begins with the next row group, which the caller closes. */
  void start(PageReadStore group);

  /**
   * Puts the next {@code rows} rows into the first ones of {@code vector}, which has room for them
   * and was reset.
   */
  void read(WritableColumnVector vector, int rows);
}
