package io.nightjar.spark.lookup;

import java.util.Arrays;
import org.apache.spark.sql.execution.RowToColumnConverter;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A table by columns on the heap of an executor, and which row has a key. Once made it does not
 * change, and any number of tasks may read it.
 */
public final class LookupTable {
  private static final Logger LOG = LoggerFactory.getLogger(LookupTable.class);

  private final OnHeapColumnVector[] columns;
  private final KeyIndex index;

  private LookupTable(OnHeapColumnVector[] columns, KeyIndex index) {
    this.columns = columns;
    this.index = index;
  }

  /**
   * Makes the table.
   *
   * @throws IllegalArgumentException if there are too many rows
   */
  static LookupTable of(SentTable sent, TableSchema schema) {
    final long began = System.nanoTime();
    if (sent.rows() > KeyIndex.MOST_ROWS) {
      throw new IllegalArgumentException(
          "Cannot hold %s in memory: %d rows, expected at most %d"
              .formatted(schema.name(), sent.rows(), KeyIndex.MOST_ROWS));
    }
    int rows = (int) sent.rows();
    StructType stored = VectorTypes.stored(schema.columns());
    OnHeapColumnVector[] columns = OnHeapColumnVector.allocateColumns(Math.max(1, rows), stored);
    RowToColumnConverter converter = new RowToColumnConverter(stored);
    sent.forEachRow(columns.length, row -> converter.convert(row, columns));
    LookupTable table = new LookupTable(columns, KeyIndex.of(columns[schema.ordinal()], rows));
    LOG.info(
        "Holding {} rows of {} in {} columns: {} bytes, made in {} ms of {} bytes that were sent",
        rows,
        schema.name(),
        columns.length,
        table.bytes(),
        (System.nanoTime() - began) / 1_000_000,
        sent.bytes());
    return table;
  }

  /** Finds the rows that have keys {@code [0, count)} of {@code keys}. */
  public LookedUpRows find(ColumnVector keys, int count) {
    int[] rows = new int[count];
    index.find(keys, count, rows);
    return new LookedUpRows(rows);
  }

  /** Every column of the rows that were found. */
  public LookedUpColumn[] columns(LookedUpRows rows) {
    return Arrays.stream(columns)
        .map(column -> new LookedUpColumn(column, rows))
        .toArray(LookedUpColumn[]::new);
  }

  /**
   * What it takes of the heap, with a byte for each value that says whether it is null; of structs
   * and maps by Spark's default sizes, and without the room to grow of strings and arrays.
   */
  long bytes() {
    return index.bytes() + Arrays.stream(columns).mapToLong(LookupTable::bytes).sum();
  }

  private static long bytes(WritableColumnVector column) {
    DataType type = column.dataType();
    long values = column.getElementsAppended();
    return type instanceof StringType || type instanceof BinaryType || type instanceof ArrayType
        ? values * (1 + 2 * Integer.BYTES) + bytes(column.arrayData())
        : values * (1 + type.defaultSize());
  }
}
