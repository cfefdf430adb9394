package io.nightjar.spark.lookup;

import java.io.Serializable;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * What a table's rows look like.
 *
 * @param name for messages, such as {@code users}
 * @param ordinal place of the column that tells rows apart
 * @param columns all of them
 */
public record TableSchema(String name, int ordinal, StructType columns) implements Serializable {

  /** Type of the column that tells rows apart. */
  DataType key() {
    return columns.fields()[ordinal].dataType();
  }
}
