package io.nightjar.spark.executor;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;

/** Which types of columns the fillers take. */
public final class FeatureTypes {
  private FeatureTypes() {}

  /** Whether a dense feature can come from it: any number. */
  public static boolean isDense(DataType type) {
    return ElementKind.of(type).filter(ElementKind::isNumber).isPresent();
  }

  /** Whether its values, or its arrays' elements, can be row ids as they are. */
  public static boolean isSparse(DataType type) {
    return ElementKind.of(elementType(type)).filter(ElementKind::isRowId).isPresent();
  }

  /** Whether its values, or its arrays' elements, can be hashed to row ids. */
  public static boolean isHashable(DataType type) {
    return ElementKind.of(elementType(type)).isPresent();
  }

  /** The type of the row ids in a column of {@code type}. */
  static DataType elementType(DataType type) {
    return type instanceof ArrayType array ? array.elementType() : type;
  }
}
