package io.nightjar.spark;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns as Spark counts them against {@value #LIMIT_KEY}, above which a scan gives rows. */
public final class LeafColumns {
  /** Most leaf columns of a scan that gives columns. */
  public static final String LIMIT_KEY = "spark.sql.codegen.maxFields";

  private LeafColumns() {}

  /** Leaf columns of {@code type}: nested ones each. */
  public static int count(DataType type) {
    if (type instanceof StructType struct) {
      int leaves = 0;
      for (StructField field : struct.fields()) {
        leaves += count(field.dataType());
      }
      return leaves;
    } else if (type instanceof ArrayType array) {
      return count(array.elementType());
    } else if (type instanceof MapType map) {
      return count(map.keyType()) + count(map.valueType());
    }
    return 1;
  }
}
