package io.nightjar.spark.input;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A number of fixed width that is in files what it is in Spark. On their way values are bytes,
 * little-endian, as pages and dictionaries have them, so that of four types two widths remain.
 */
enum NumberType {
  INT(DataTypes.IntegerType, PrimitiveTypeName.INT32, Integer.BYTES) {
    @Override
    void put(WritableColumnVector vector, int row, int count, byte[] values, int at) {
      vector.putIntsLittleEndian(row, count, values, at);
    }

    @Override
    void read(ValuesReader reader, byte[] out, int at) {
      INTS.set(out, at, reader.readInteger());
    }
  },
  LONG(DataTypes.LongType, PrimitiveTypeName.INT64, Long.BYTES) {
    @Override
    void put(WritableColumnVector vector, int row, int count, byte[] values, int at) {
      vector.putLongsLittleEndian(row, count, values, at);
    }

    @Override
    void read(ValuesReader reader, byte[] out, int at) {
      LONGS.set(out, at, reader.readLong());
    }
  },
  FLOAT(DataTypes.FloatType, PrimitiveTypeName.FLOAT, Float.BYTES) {
    @Override
    void put(WritableColumnVector vector, int row, int count, byte[] values, int at) {
      vector.putFloatsLittleEndian(row, count, values, at);
    }

    @Override
    void read(ValuesReader reader, byte[] out, int at) {
      INTS.set(out, at, Float.floatToRawIntBits(reader.readFloat()));
    }
  },
  DOUBLE(DataTypes.DoubleType, PrimitiveTypeName.DOUBLE, Double.BYTES) {
    @Override
    void put(WritableColumnVector vector, int row, int count, byte[] values, int at) {
      vector.putDoublesLittleEndian(row, count, values, at);
    }

    @Override
    void read(ValuesReader reader, byte[] out, int at) {
      LONGS.set(out, at, Double.doubleToRawLongBits(reader.readDouble()));
    }
  };

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  @SuppressWarnings("ImmutableEnumChecker") // Spark's types are, but do not say so.
  private final DataType type;

  private final PrimitiveTypeName stored;
  private final int width;

  NumberType(DataType type, PrimitiveTypeName stored, int width) {
    this.type = type;
    this.stored = stored;
    this.width = width;
  }

  /** Spark's {@code type}, if it is one of these. */
  static Optional<NumberType> of(DataType type) {
    for (NumberType number : values()) {
      if (number.type.equals(type)) {
        return Optional.of(number);
      }
    }
    return Optional.empty();
  }

  /** Whether a file's {@code field} has such numbers and says nothing else of them. */
  boolean isStoredAs(PrimitiveType field) {
    LogicalTypeAnnotation said = field.getLogicalTypeAnnotation();
    return field.getPrimitiveTypeName() == stored
        && (said == null || said.equals(LogicalTypeAnnotation.intType(8 * width, true)));
  }

  /** Bytes of a value. */
  int width() {
    return width;
  }

  /** Puts {@code count} values, which begin at byte {@code at}, into rows from {@code row} on. */
  abstract void put(WritableColumnVector vector, int row, int count, byte[] values, int at);

  /** Puts the next value of {@code reader} at byte {@code at}. */
  abstract void read(ValuesReader reader, byte[] out, int at);

  /** Looks {@code count} entries of {@code dictionary} up. */
  void lookUp(byte[] dictionary, int[] entries, int count, byte[] out) {
    if (width == Integer.BYTES) {
      for (int i = 0; i < count; i++) {
        INTS.set(out, i * Integer.BYTES, (int) INTS.get(dictionary, entries[i] * Integer.BYTES));
      }
    } else {
      for (int i = 0; i < count; i++) {
        LONGS.set(out, i * Long.BYTES, (long) LONGS.get(dictionary, entries[i] * Long.BYTES));
      }
    }
  }

  /**
   * Puts values that lie one after another where they belong: the next one where {@code present} is
   * 1, and anything where it is 0.
   *
   * @param dense with room for one value more than are present
   * @param present {@code count} zeros and ones
   */
  void spread(byte[] dense, int[] present, int count, byte[] out) {
    int next = 0;
    if (width == Integer.BYTES) {
      for (int i = 0; i < count; i++) {
        INTS.set(out, i * Integer.BYTES, (int) INTS.get(dense, next * Integer.BYTES));
        next += present[i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        LONGS.set(out, i * Long.BYTES, (long) LONGS.get(dense, next * Long.BYTES));
        next += present[i];
      }
    }
  }
}
