package io.nightjar.spark.executor;

import io.nightjar.spark.spec.BadRowReason;
import java.util.function.UnaryOperator;

/**
 * What can be wrong with a value of one column.
 *
 * @param reason its kind
 * @param column the column or expression
 * @param message makes a sentence of the value's text: why its row cannot be scored
 */
record BadRowCause(BadRowReason reason, String column, UnaryOperator<String> message) {}
