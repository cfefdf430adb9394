package io.nightjar.spark.lookup;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimeType;
import org.apache.spark.sql.types.UserDefinedType;

/** How Spark's types lie in its vectors. */
public final class VectorTypes {
  private VectorTypes() {}

  /**
   * A type with the same bytes as {@code type}, of those that Spark's vectors and its converter of
   * rows know.
   */
  public static DataType stored(DataType type) {
    if (type instanceof StringType) {
      return DataTypes.StringType;
    } else if (type instanceof TimeType) {
      return DataTypes.LongType;
    } else if (type instanceof NullType) {
      return DataTypes.BooleanType;
    } else if (type instanceof UserDefinedType<?> user) {
      return stored(user.sqlType());
    } else if (type instanceof ArrayType array) {
      return new ArrayType(stored(array.elementType()), array.containsNull());
    } else if (type instanceof MapType map) {
      return new MapType(stored(map.keyType()), stored(map.valueType()), map.valueContainsNull());
    } else if (type instanceof StructType struct) {
      return stored(struct);
    }
    return type;
  }

  /** The same for every field. */
  public static StructType stored(StructType struct) {
    StructType stored = new StructType();
    for (StructField field : struct.fields()) {
      stored = stored.add(field.name(), stored(field.dataType()), field.nullable());
    }
    return stored;
  }
}
