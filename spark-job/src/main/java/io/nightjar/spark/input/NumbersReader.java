package io.nightjar.spark.input;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.AbstractIterator;
import scala.collection.Iterator;

/**
 * Reads a split of a Parquet file whose columns are numbers and arrays of numbers.
 *
 * <p>Parquet's classes find, read and decompress pages; what is in a page goes to a vector in loops
 * over arrays, where Spark's reader asks for each level and each element of a list by a call of its
 * own. One batch serves all: who asks for the next one gives the last one back. Owns the file and
 * the vectors. Not thread-safe.
 */
final class NumbersReader extends AbstractIterator<ColumnarBatch> implements Closeable {
  private final ParquetFileReader file;
  private final List<NumberColumn> columns;
  private final ColumnarBatch batch;
  private final int capacity;
  private PageReadStore group;
  private long left;
  private boolean closed;

  /**
   * Begins to read.
   *
   * @param vectors one for each field, and maybe others behind them, which are left as they are
   * @param capacity rows that the vectors have room for
   */
  NumbersReader(ParquetFileReader file, NumberFields fields, ColumnVector[] vectors, int capacity) {
    this.file = file;
    this.columns = fields.open(capacity);
    this.batch = new ColumnarBatch(vectors);
    this.capacity = capacity;
    file.setRequestedSchema(fields.projection());
  }

  /** Its batches, as Spark's scans pass them on: under the name of rows. */
  @SuppressWarnings("unchecked") // Spark asks each of them what it is.
  Iterator<InternalRow> batches() {
    return (Iterator<InternalRow>) (Iterator<?>) this;
  }

  @Override
  public boolean hasNext() {
    while (left == 0 && !closed) {
      nextGroup();
    }
    return left > 0;
  }

  private void nextGroup() {
    try {
      endGroup();
      group = file.readNextRowGroup();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file.getFile() + ": " + e.getMessage(), e);
    }
    if (group == null) {
      close();
      return;
    }
    left = group.getRowCount();
    for (NumberColumn column : columns) {
      column.start(group);
    }
  }

  private void endGroup() {
    if (group != null) {
      group.close();
      group = null;
    }
  }

  @Override
  public ColumnarBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("Cannot read on: " + file.getFile() + " has ended");
    }
    int rows = (int) Math.min(capacity, left);
    for (int i = 0; i < columns.size(); i++) {
      WritableColumnVector vector = (WritableColumnVector) batch.column(i);
      vector.reset();
      columns.get(i).read(vector, rows);
    }
    left -= rows;
    batch.setNumRows(rows);
    return batch;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    left = 0;
    try (file) {
      endGroup();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close " + file.getFile() + ": " + e.getMessage(), e);
    } finally {
      batch.close();
    }
  }
}
