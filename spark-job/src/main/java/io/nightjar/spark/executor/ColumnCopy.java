package io.nightjar.spark.executor;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Appends stretches of a column to another one, each type in a loop of its own. */
enum ColumnCopy {
  INT {
    @Override
    void bulk(ColumnVector source, int from, int count, WritableColumnVector target) {
      target.appendInts(count, source.getInts(from, count), 0);
    }

    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendInt(source.getInt(row));
    }
  },
  LONG {
    @Override
    void bulk(ColumnVector source, int from, int count, WritableColumnVector target) {
      target.appendLongs(count, source.getLongs(from, count), 0);
    }

    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendLong(source.getLong(row));
    }
  },
  FLOAT {
    @Override
    void bulk(ColumnVector source, int from, int count, WritableColumnVector target) {
      target.appendFloats(count, source.getFloats(from, count), 0);
    }

    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendFloat(source.getFloat(row));
    }
  },
  DOUBLE {
    @Override
    void bulk(ColumnVector source, int from, int count, WritableColumnVector target) {
      target.appendDoubles(count, source.getDoubles(from, count), 0);
    }

    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendDouble(source.getDouble(row));
    }
  },
  SHORT {
    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendShort(source.getShort(row));
    }
  },
  BYTE {
    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendByte(source.getByte(row));
    }
  },
  BOOLEAN {
    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      target.appendBoolean(source.getBoolean(row));
    }
  },
  STRING {
    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      byte[] bytes = source.getUTF8String(row).getBytes();
      target.appendByteArray(bytes, 0, bytes.length);
    }
  },
  BINARY {
    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      byte[] bytes = source.getBinary(row);
      target.appendByteArray(bytes, 0, bytes.length);
    }
  },
  /** Types that are copied row by row. */
  NONE {
    @Override
    void value(ColumnVector source, int row, WritableColumnVector target) {
      throw new IllegalStateException("Cannot copy a column of type " + target.dataType());
    }
  };

  /** How columns of {@code type} are copied. */
  static ColumnCopy of(DataType type) {
    if (type instanceof IntegerType
        || type instanceof DateType
        || type instanceof YearMonthIntervalType) {
      return INT;
    } else if (type instanceof LongType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof DayTimeIntervalType
        || type instanceof TimeType) {
      return LONG;
    } else if (type instanceof FloatType) {
      return FLOAT;
    } else if (type instanceof DoubleType) {
      return DOUBLE;
    } else if (type instanceof ShortType) {
      return SHORT;
    } else if (type instanceof ByteType) {
      return BYTE;
    } else if (type instanceof BooleanType) {
      return BOOLEAN;
    } else if (type instanceof StringType) {
      return STRING;
    } else if (type instanceof BinaryType) {
      return BINARY;
    }
    return NONE;
  }

  /** Appends {@code count} values of {@code source}, from {@code from} on, to {@code target}. */
  void append(ColumnVector source, int from, int count, WritableColumnVector target) {
    if (!source.hasNull()) {
      bulk(source, from, count, target);
      return;
    }
    for (int row = from; row < from + count; row++) {
      if (source.isNullAt(row)) {
        target.appendNull();
      } else {
        value(source, row, target);
      }
    }
  }

  /** The same where there are no nulls. */
  void bulk(ColumnVector source, int from, int count, WritableColumnVector target) {
    for (int row = from; row < from + count; row++) {
      value(source, row, target);
    }
  }

  /** Appends one value that is not null. */
  abstract void value(ColumnVector source, int row, WritableColumnVector target);
}
