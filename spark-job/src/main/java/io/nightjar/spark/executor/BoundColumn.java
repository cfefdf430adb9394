package io.nightjar.spark.executor;

import java.io.Serializable;
import org.apache.spark.sql.types.DataType;

/**
 * A column of the child's rows.
 *
 * @param name for messages
 * @param ordinal where it lies in a row or batch
 * @param type its type
 */
public record BoundColumn(String name, int ordinal, DataType type) implements Serializable {}
