package io.nightjar.spark.executor;

import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/** The types of values that features are made from. */
enum ElementKind {
  BYTE,
  SHORT,
  INT,
  LONG,
  FLOAT,
  DOUBLE,
  DECIMAL,
  /** Strings that are equal when their bytes are. */
  STRING;

  /** The kind of {@code type}'s values, if they can be features at all. */
  static Optional<ElementKind> of(DataType type) {
    if (type.equals(DataTypes.ByteType)) {
      return Optional.of(BYTE);
    } else if (type.equals(DataTypes.ShortType)) {
      return Optional.of(SHORT);
    } else if (type.equals(DataTypes.IntegerType)) {
      return Optional.of(INT);
    } else if (type.equals(DataTypes.LongType)) {
      return Optional.of(LONG);
    } else if (type.equals(DataTypes.FloatType)) {
      return Optional.of(FLOAT);
    } else if (type.equals(DataTypes.DoubleType)) {
      return Optional.of(DOUBLE);
    } else if (type instanceof DecimalType) {
      return Optional.of(DECIMAL);
    } else if (type.equals(DataTypes.StringType)) {
      return Optional.of(STRING);
    }
    return Optional.empty();
  }

  /** Whether such values can be row ids as they are. */
  boolean isRowId() {
    return this == BYTE || this == SHORT || this == INT || this == LONG;
  }

  /** Whether such values are integers of at most 32 bits. */
  boolean fitsAnInt() {
    return this == BYTE || this == SHORT || this == INT;
  }

  /** Whether such values are numbers. */
  boolean isNumber() {
    return this != STRING;
  }
}
