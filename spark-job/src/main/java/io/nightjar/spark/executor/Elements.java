package io.nightjar.spark.executor;

import io.nightjar.spark.lookup.LookedUpColumn;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Reads the values of one type: whole stretches of a column in a loop of that type, or one value of
 * a row or an array. What stands in place of a null is undefined; the caller asks for nulls. Not
 * thread-safe.
 */
final class Elements {
  private final ElementKind kind;
  private final DataType type;
  private final int precision;
  private final int scale;
  private long[] integers = new long[0];

  Elements(DataType type) {
    this.type = type;
    this.kind = ElementKind.of(type).orElseThrow();
    this.precision = type instanceof DecimalType decimal ? decimal.precision() : 0;
    this.scale = type instanceof DecimalType decimal ? decimal.scale() : 0;
  }

  /**
   * Integers of at most 32 bits, {@code [from, from + count)} of {@code column}. Spark's vectors
   * are read value by value, which is one loop over their array: the bulk methods make a new array
   * for each call, and to write those costs more than to read.
   */
  void ints(ColumnVector column, int from, int count, int[] out) {
    if (kind != ElementKind.INT) {
      if (integers.length < count) {
        integers = new long[count];
      }
      longs(column, from, count, integers);
      for (int i = 0; i < count; i++) {
        out[i] = (int) integers[i];
      }
    } else if (column instanceof WritableColumnVector vector && !vector.hasDictionary()) {
      for (int i = 0; i < count; i++) {
        out[i] = vector.getInt(from + i);
      }
    } else if (isBulk(column)) {
      System.arraycopy(column.getInts(from, count), 0, out, 0, count);
    } else {
      boolean nulls = column.hasNull();
      for (int i = 0; i < count; i++) {
        if (!nulls || !column.isNullAt(from + i)) {
          out[i] = column.getInt(from + i);
        }
      }
    }
  }

  /** Integers {@code [from, from + count)} of {@code column}. */
  void longs(ColumnVector column, int from, int count, long[] out) {
    boolean nulls = column.hasNull();
    boolean plain = isBulk(column);
    switch (kind) {
      case INT -> {
        if (plain) {
          int[] values = column.getInts(from, count);
          for (int i = 0; i < count; i++) {
            out[i] = values[i];
          }
        } else {
          for (int i = 0; i < count; i++) {
            if (!nulls || !column.isNullAt(from + i)) {
              out[i] = column.getInt(from + i);
            }
          }
        }
      }
      case LONG -> {
        if (plain) {
          System.arraycopy(column.getLongs(from, count), 0, out, 0, count);
        } else {
          for (int i = 0; i < count; i++) {
            if (!nulls || !column.isNullAt(from + i)) {
              out[i] = column.getLong(from + i);
            }
          }
        }
      }
      case SHORT -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = column.getShort(from + i);
          }
        }
      }
      case BYTE -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = column.getByte(from + i);
          }
        }
      }
      default -> throw new IllegalStateException("Cannot read " + type + " as row ids");
    }
  }

  /** Whether values are floats, which {@link #floats} reads as they are. */
  boolean areFloats() {
    return kind == ElementKind.FLOAT;
  }

  /**
   * Floats {@code [from, from + count)} of {@code column}. Of these Spark's vectors look values up
   * in dictionaries faster than a loop of our own.
   */
  void floats(ColumnVector column, int from, int count, float[] out) {
    if (isBulk(column) || column instanceof WritableColumnVector) {
      System.arraycopy(column.getFloats(from, count), 0, out, 0, count);
      return;
    }
    boolean nulls = column.hasNull();
    for (int i = 0; i < count; i++) {
      if (!nulls || !column.isNullAt(from + i)) {
        out[i] = column.getFloat(from + i);
      }
    }
  }

  /** Numbers {@code [from, from + count)} of {@code column}. */
  void doubles(ColumnVector column, int from, int count, double[] out) {
    boolean nulls = column.hasNull();
    boolean plain = isBulk(column);
    switch (kind) {
      case FLOAT -> {
        if (plain) {
          float[] values = column.getFloats(from, count);
          for (int i = 0; i < count; i++) {
            out[i] = values[i];
          }
        } else {
          for (int i = 0; i < count; i++) {
            if (!nulls || !column.isNullAt(from + i)) {
              out[i] = column.getFloat(from + i);
            }
          }
        }
      }
      case DOUBLE -> {
        if (plain) {
          System.arraycopy(column.getDoubles(from, count), 0, out, 0, count);
        } else {
          for (int i = 0; i < count; i++) {
            if (!nulls || !column.isNullAt(from + i)) {
              out[i] = column.getDouble(from + i);
            }
          }
        }
      }
      case BYTE, SHORT, INT, LONG -> {
        if (integers.length < count) {
          integers = new long[count];
        }
        longs(column, from, count, integers);
        for (int i = 0; i < count; i++) {
          out[i] = integers[i];
        }
      }
      case DECIMAL -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = column.getDecimal(from + i, precision, scale).toDouble();
          }
        }
      }
      case STRING -> throw new IllegalStateException("Cannot read strings as numbers");
    }
  }

  /** One integer that is not null. */
  long longAt(SpecializedGetters values, int ordinal) {
    return switch (kind) {
      case BYTE -> values.getByte(ordinal);
      case SHORT -> values.getShort(ordinal);
      case INT -> values.getInt(ordinal);
      case LONG -> values.getLong(ordinal);
      default -> throw new IllegalStateException("Cannot read " + type + " as row ids");
    };
  }

  /** One number that is not null. */
  double doubleAt(SpecializedGetters values, int ordinal) {
    return switch (kind) {
      case BYTE, SHORT, INT, LONG -> longAt(values, ordinal);
      case FLOAT -> values.getFloat(ordinal);
      case DOUBLE -> values.getDouble(ordinal);
      case DECIMAL -> values.getDecimal(ordinal, precision, scale).toDouble();
      case STRING -> throw new IllegalStateException("Cannot read strings as numbers");
    };
  }

  /** One value for a message. */
  String textAt(SpecializedGetters values, int ordinal) {
    return String.valueOf(CatalystTypeConverters.convertToScala(values.get(ordinal, type), type));
  }

  /**
   * Whether values are read in bulk, where what stands in place of a null does not matter. Vectors
   * with a dictionary would allow it, but look numbers up more slowly than loops of our own.
   */
  private static boolean isBulk(ColumnVector column) {
    return column instanceof WritableColumnVector vector
        ? !vector.hasDictionary()
        : column instanceof LookedUpColumn || !column.hasNull();
  }
}
