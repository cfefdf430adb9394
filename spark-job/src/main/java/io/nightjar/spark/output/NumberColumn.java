package io.nightjar.spark.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;

/**
 * The page of one column that is being filled: its values as they are (Parquet's encoding PLAIN:
 * one after another, little-endian), and which rows have none.
 */
abstract class NumberColumn {
  private final ColumnDescriptor descriptor;
  private final int ordinal;
  private final boolean nullable;
  private final boolean[] isNull;
  private final ByteBuffer values;
  private int rows;
  private int nulls;

  private NumberColumn(ColumnDescriptor descriptor, int ordinal, int capacity, int valueBytes) {
    this.descriptor = descriptor;
    this.ordinal = ordinal;
    this.nullable = descriptor.getMaxDefinitionLevel() > 0;
    this.isNull = new boolean[capacity];
    this.values =
        ByteBuffer.allocate(Math.multiplyExact(capacity, valueBytes))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether columns of {@code type} are numbers of fixed width. */
  static boolean holds(DataType type) {
    return type instanceof IntegerType
        || type instanceof LongType
        || type instanceof FloatType
        || type instanceof DoubleType;
  }

  /**
   * An empty page.
   *
   * @param ordinal where rows have the column
   * @param capacity most rows of a page
   */
  static NumberColumn of(ColumnDescriptor descriptor, DataType type, int ordinal, int capacity) {
    if (type instanceof IntegerType) {
      return new Ints(descriptor, ordinal, capacity);
    } else if (type instanceof LongType) {
      return new Longs(descriptor, ordinal, capacity);
    } else if (type instanceof FloatType) {
      return new Floats(descriptor, ordinal, capacity);
    } else if (type instanceof DoubleType) {
      return new Doubles(descriptor, ordinal, capacity);
    }
    throw new IllegalArgumentException(
        "Invalid type of a column: " + type.sql() + ", expected INT, BIGINT, FLOAT or DOUBLE");
  }

  /** Its name and type in the file. */
  ColumnDescriptor descriptor() {
    return descriptor;
  }

  /** Takes the column's value of a row; there must be room. */
  final void add(InternalRow row) {
    if (!row.isNullAt(ordinal)) {
      put(row, ordinal, values);
    } else if (nullable) {
      isNull[rows] = true;
      nulls++;
    } else {
      throw new IllegalStateException(
          "Cannot write a null to column " + descriptor.getPath()[0] + ", which may hold none");
    }
    rows++;
  }

  /**
   * Hands the page on, and begins the next one.
   *
   * @return bytes that {@code pages} holds of the column by then
   */
  final long endPage(PageWriter pages) throws IOException {
    values.flip();
    Statistics<?> statistics = Statistics.createStats(descriptor.getPrimitiveType());
    statistics.incrementNumNulls(nulls);
    if (values.hasRemaining()) {
      count(values, statistics);
    }
    pages.writePage(
        nullable ? BytesInput.concat(levels(), BytesInput.from(values)) : BytesInput.from(values),
        rows,
        rows,
        statistics,
        Encoding.RLE,
        Encoding.RLE,
        Encoding.PLAIN);
    if (nulls > 0) {
      Arrays.fill(isNull, 0, rows, false);
    }
    values.clear();
    rows = 0;
    nulls = 0;
    return pages.getMemSize();
  }

  /**
   * Which rows have a value, as definition levels: their bytes' number, then one run. Bit 0 of its
   * head tells a level that repeats from levels that are packed, eight to the byte.
   */
  private BytesInput levels() {
    byte[] run = {1};
    int head = rows << 1;
    if (nulls > 0) {
      run = new byte[(rows + Byte.SIZE - 1) / Byte.SIZE];
      for (int row = 0; row < rows; row++) {
        run[row / Byte.SIZE] |= (byte) (isNull[row] ? 0 : 1 << row % Byte.SIZE);
      }
      head = run.length << 1 | 1;
    }
    BytesInput levels =
        BytesInput.concat(BytesInput.fromUnsignedVarInt(head), BytesInput.from(run));
    return BytesInput.concat(BytesInput.fromInt(Math.toIntExact(levels.size())), levels);
  }

  /** Puts a row's value behind the others. */
  abstract void put(InternalRow row, int column, ByteBuffer to);

  /** Has {@code statistics} know the least and the greatest of the values, which are not none. */
  abstract void count(ByteBuffer of, Statistics<?> statistics);

  private static final class Ints extends NumberColumn {
    Ints(ColumnDescriptor descriptor, int ordinal, int capacity) {
      super(descriptor, ordinal, capacity, Integer.BYTES);
    }

    @Override
    void put(InternalRow row, int column, ByteBuffer to) {
      to.putInt(row.getInt(column));
    }

    @Override
    void count(ByteBuffer of, Statistics<?> statistics) {
      int min = Integer.MAX_VALUE;
      int max = Integer.MIN_VALUE;
      for (int at = 0; at < of.limit(); at += Integer.BYTES) {
        min = Math.min(min, of.getInt(at));
        max = Math.max(max, of.getInt(at));
      }
      statistics.updateStats(min);
      statistics.updateStats(max);
    }
  }

  private static final class Longs extends NumberColumn {
    Longs(ColumnDescriptor descriptor, int ordinal, int capacity) {
      super(descriptor, ordinal, capacity, Long.BYTES);
    }

    @Override
    void put(InternalRow row, int column, ByteBuffer to) {
      to.putLong(row.getLong(column));
    }

    @Override
    void count(ByteBuffer of, Statistics<?> statistics) {
      long min = Long.MAX_VALUE;
      long max = Long.MIN_VALUE;
      for (int at = 0; at < of.limit(); at += Long.BYTES) {
        min = Math.min(min, of.getLong(at));
        max = Math.max(max, of.getLong(at));
      }
      statistics.updateStats(min);
      statistics.updateStats(max);
    }
  }

  /** With a NaN among the values both ends are NaN, and readers look at neither. */
  private static final class Floats extends NumberColumn {
    Floats(ColumnDescriptor descriptor, int ordinal, int capacity) {
      super(descriptor, ordinal, capacity, Float.BYTES);
    }

    @Override
    void put(InternalRow row, int column, ByteBuffer to) {
      to.putFloat(row.getFloat(column));
    }

    @Override
    void count(ByteBuffer of, Statistics<?> statistics) {
      float min = Float.POSITIVE_INFINITY;
      float max = Float.NEGATIVE_INFINITY;
      for (int at = 0; at < of.limit(); at += Float.BYTES) {
        min = Math.min(min, of.getFloat(at));
        max = Math.max(max, of.getFloat(at));
      }
      statistics.updateStats(min);
      statistics.updateStats(max);
    }
  }

  /** As {@link Floats}. */
  private static final class Doubles extends NumberColumn {
    Doubles(ColumnDescriptor descriptor, int ordinal, int capacity) {
      super(descriptor, ordinal, capacity, Double.BYTES);
    }

    @Override
    void put(InternalRow row, int column, ByteBuffer to) {
      to.putDouble(row.getDouble(column));
    }

    @Override
    void count(ByteBuffer of, Statistics<?> statistics) {
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      for (int at = 0; at < of.limit(); at += Double.BYTES) {
        min = Math.min(min, of.getDouble(at));
        max = Math.max(max, of.getDouble(at));
      }
      statistics.updateStats(min);
      statistics.updateStats(max);
    }
  }
}
