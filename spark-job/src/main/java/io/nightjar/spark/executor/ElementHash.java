package io.nightjar.spark.executor;

import io.nightjar.batch.IntegerHash;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.catalyst.expressions.XxHash64Function;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Spark's {@code xxhash64} of the values of one type, by the functions that Spark's own expression
 * calls, or for columns of integers by {@link IntegerHash}. What stands in place of a null is
 * undefined; the caller asks for nulls.
 */
final class ElementHash {
  private final ElementKind kind;
  private final DataType type;
  private final Elements elements;
  private final int precision;
  private final int scale;

  ElementHash(DataType type) {
    this.type = type;
    this.kind = ElementKind.of(type).orElseThrow();
    this.elements = new Elements(type);
    this.precision = type instanceof DecimalType decimal ? decimal.precision() : 0;
    this.scale = type instanceof DecimalType decimal ? decimal.scale() : 0;
  }

  /** {@code xxhash64} of values {@code [from, from + count)} of {@code column}. */
  void of(ColumnVector column, int from, int count, long[] out) {
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
        elements.longs(column, from, count, out);
        IntegerHash.ofInts(out, count, IntegerHash.SEED);
      }
      case LONG -> {
        elements.longs(column, from, count, out);
        IntegerHash.ofLongs(out, count, IntegerHash.SEED);
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

  /** {@code xxhash64} of one value that is not null. */
  long at(SpecializedGetters values, int ordinal) {
    return switch (kind) {
      case BYTE, SHORT, INT ->
          XXH64.hashInt((int) elements.longAt(values, ordinal), IntegerHash.SEED);
      case LONG -> XXH64.hashLong(values.getLong(ordinal), IntegerHash.SEED);
      case FLOAT -> hash(values.getFloat(ordinal));
      case DOUBLE -> hash(values.getDouble(ordinal));
      case DECIMAL -> hash(values.getDecimal(ordinal, precision, scale));
      case STRING -> hash(values.getUTF8String(ordinal));
    };
  }

  private static long hash(UTF8String value) {
    return XXH64.hashUTF8String(value, IntegerHash.SEED);
  }

  /** Spark takes both zeros for one. */
  private static long hash(float value) {
    return XXH64.hashInt(value == 0f ? 0 : Float.floatToIntBits(value), IntegerHash.SEED);
  }

  private static long hash(double value) {
    return XXH64.hashLong(value == 0d ? 0L : Double.doubleToLongBits(value), IntegerHash.SEED);
  }

  private long hash(Decimal value) {
    return XxHash64Function.hash(value, type, IntegerHash.SEED);
  }
}
