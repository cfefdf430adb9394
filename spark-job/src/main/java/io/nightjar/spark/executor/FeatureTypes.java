package io.nightjar.spark.executor;

import org.apache.spark.sql.types.DataType;

/** Which types of columns the fillers take. */
public final class FeatureTypes {
  private FeatureTypes() {}

  /** Whether a dense feature can come from it: any number. */
  public static boolean isDense(DataType type) {
    return Elements.areNumbers(type);
  }

  /** Whether its values, or its arrays' elements, can be row ids as they are. */
  public static boolean isSparse(DataType type) {
    return Elements.areRowIds(SparseFiller.elementType(type));
  }

  /** Whether its values, or its arrays' elements, can be hashed to row ids. */
  public static boolean isHashable(DataType type) {
    return Elements.areHashable(SparseFiller.elementType(type));
  }
}
