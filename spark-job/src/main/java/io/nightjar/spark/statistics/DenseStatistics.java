package io.nightjar.spark.statistics;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;

/**
 * What was seen of one dense feature.
 *
 * @param rows rows read, bad ones among them
 * @param replacedNulls nulls among them that the config's {@code null} stands for
 */
@JsonNaming(SnakeCaseStrategy.class)
public record DenseStatistics(long rows, long replacedNulls) implements Serializable {

  /** Of values that nobody saw yet. */
  public static final DenseStatistics EMPTY = new DenseStatistics(0, 0);

  /** Both together. */
  DenseStatistics merge(DenseStatistics other) {
    return new DenseStatistics(rows + other.rows, replacedNulls + other.replacedNulls);
  }
}
