package io.nightjar.spark.executor;

import io.nightjar.batch.Transform;
import java.io.Serializable;

/**
 * How one dense feature is made from its column.
 *
 * @param feature the model's name for it
 * @param column the column or expression, for messages
 * @param replacesNull whether {@code nullValue} stands for null; if not, a null is a bad row
 * @param nullValue what stands for null
 * @param transform applied after that
 */
public record DenseInput(
    String feature, String column, boolean replacesNull, double nullValue, Transform transform)
    implements Serializable {}
