package io.nightjar.spark.executor;

import io.nightjar.spark.spec.OutOfRange;
import java.io.Serializable;

/**
 * How one sparse feature is made from its column.
 *
 * @param feature the model's name for it
 * @param column the column or expression, for messages
 * @param table name of its table, for messages
 * @param numEmbeddings rows of its table
 * @param hashMod 0: the values are row ids; else row id = pmod(xxhash64(value), hashMod)
 * @param outOfRange what a row id outside the table means
 */
public record SparseInput(
    String feature,
    String column,
    String table,
    int numEmbeddings,
    long hashMod,
    OutOfRange outOfRange)
    implements Serializable {}
