package io.nightjar.spark.lookup;

import java.io.Serializable;
import org.apache.spark.sql.types.StructType;

/**
 * What a table's rows look like.
 *
 * @param name for messages, such as {@code users}
 * @param key name of the column that tells rows apart, for messages
 * @param ordinal its place
 * @param columns all of them
 */
public record TableSchema(String name, String key, int ordinal, StructType columns)
    implements Serializable {}
