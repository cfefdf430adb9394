package io.nightjar.spark.executor;

import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.catalyst.expressions.XxHash64Function;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reads the values of one type: whole stretches of a column in a loop of that type, or one value of
 * a row or an array. What stands in place of a null is undefined; the caller asks for nulls.
 */
final class Elements {
  /** The seed of Spark's {@code xxhash64}. */
  private static final long SEED = 42L;

  private enum Kind {
    BYTE,
    SHORT,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    DECIMAL,
    STRING
  }

  private final Kind kind;
  private final DataType type;
  private final int precision;
  private final int scale;

  Elements(DataType type) {
    this.type = type;
    this.kind = kindOf(type);
    this.precision = type instanceof DecimalType decimal ? decimal.precision() : 0;
    this.scale = type instanceof DecimalType decimal ? decimal.scale() : 0;
  }

  private static Kind kindOf(DataType type) {
    if (type.equals(DataTypes.ByteType)) {
      return Kind.BYTE;
    } else if (type.equals(DataTypes.ShortType)) {
      return Kind.SHORT;
    } else if (type.equals(DataTypes.IntegerType)) {
      return Kind.INT;
    } else if (type.equals(DataTypes.LongType)) {
      return Kind.LONG;
    } else if (type.equals(DataTypes.FloatType)) {
      return Kind.FLOAT;
    } else if (type.equals(DataTypes.DoubleType)) {
      return Kind.DOUBLE;
    } else if (type instanceof DecimalType) {
      return Kind.DECIMAL;
    } else if (type.equals(DataTypes.StringType)) {
      return Kind.STRING;
    }
    throw new IllegalArgumentException("Invalid feature type: " + type.catalogString());
  }

  /** Whether values of {@code type} can be row ids as they are. */
  static boolean areRowIds(DataType type) {
    return type.equals(DataTypes.ByteType)
        || type.equals(DataTypes.ShortType)
        || type.equals(DataTypes.IntegerType)
        || type.equals(DataTypes.LongType);
  }

  /** Whether values of {@code type} are numbers. */
  static boolean areNumbers(DataType type) {
    return areRowIds(type)
        || type.equals(DataTypes.FloatType)
        || type.equals(DataTypes.DoubleType)
        || type instanceof DecimalType;
  }

  /** Whether values of {@code type} can be hashed to row ids. */
  static boolean areHashable(DataType type) {
    return areNumbers(type) || type.equals(DataTypes.StringType);
  }

  /** Integers {@code [from, from + count)} of {@code column}. */
  void longs(ColumnVector column, int from, int count, long[] out) {
    boolean nulls = column.hasNull();
    boolean plain = isPlain(column);
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

  /** Numbers {@code [from, from + count)} of {@code column}. */
  void doubles(ColumnVector column, int from, int count, double[] out) {
    boolean nulls = column.hasNull();
    boolean plain = isPlain(column);
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
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = column.getLong(from + i);
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

  /** {@code xxhash64} of values {@code [from, from + count)} of {@code column}. */
  void hashes(ColumnVector column, int from, int count, long[] out) {
    boolean nulls = column.hasNull();
    switch (kind) {
      case STRING -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = hash(column.getUTF8String(from + i));
          }
        }
      }
      case BYTE, SHORT, INT -> {
        longs(column, from, count, out);
        for (int i = 0; i < count; i++) {
          out[i] = XXH64.hashInt((int) out[i], SEED);
        }
      }
      case LONG -> {
        longs(column, from, count, out);
        for (int i = 0; i < count; i++) {
          out[i] = XXH64.hashLong(out[i], SEED);
        }
      }
      case FLOAT -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = hash(column.getFloat(from + i));
          }
        }
      }
      case DOUBLE -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = hash(column.getDouble(from + i));
          }
        }
      }
      case DECIMAL -> {
        for (int i = 0; i < count; i++) {
          if (!nulls || !column.isNullAt(from + i)) {
            out[i] = hash(column.getDecimal(from + i, precision, scale));
          }
        }
      }
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

  /** {@code xxhash64} of one value that is not null. */
  long hashAt(SpecializedGetters values, int ordinal) {
    return switch (kind) {
      case BYTE, SHORT, INT -> XXH64.hashInt((int) longAt(values, ordinal), SEED);
      case LONG -> XXH64.hashLong(values.getLong(ordinal), SEED);
      case FLOAT -> hash(values.getFloat(ordinal));
      case DOUBLE -> hash(values.getDouble(ordinal));
      case DECIMAL -> hash(values.getDecimal(ordinal, precision, scale));
      case STRING -> hash(values.getUTF8String(ordinal));
    };
  }

  /** One value for a message. */
  String textAt(SpecializedGetters values, int ordinal) {
    return String.valueOf(CatalystTypeConverters.convertToScala(values.get(ordinal, type), type));
  }

  private static long hash(UTF8String value) {
    return XXH64.hashUTF8String(value, SEED);
  }

  /** Spark takes both zeros for one. */
  private static long hash(float value) {
    return XXH64.hashInt(value == 0f ? 0 : Float.floatToIntBits(value), SEED);
  }

  private static long hash(double value) {
    return XXH64.hashLong(value == 0d ? 0L : Double.doubleToLongBits(value), SEED);
  }

  private long hash(Decimal value) {
    return XxHash64Function.hash(value, type, SEED);
  }

  /** Whether the values lie there as they are: bulk reads of Spark's vectors do not decode. */
  static boolean isPlain(ColumnVector column) {
    return !column.hasNull()
        && !(column instanceof WritableColumnVector writable && writable.hasDictionary());
  }
}
