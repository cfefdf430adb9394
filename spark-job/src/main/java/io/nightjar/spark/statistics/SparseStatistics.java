package io.nightjar.spark.statistics;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;

/**
 * What was seen of one sparse feature.
 *
 * @param bags one a scored row
 * @param emptyBags bags with no row id in them, as they were scored
 * @param ids row ids in all bags, those that were left out of them counted in
 * @param replacedIds ids outside the table, which {@code out-of-range} left out or replaced
 */
@JsonNaming(SnakeCaseStrategy.class)
public record SparseStatistics(long bags, long emptyBags, long ids, long replacedIds)
    implements Serializable {

  /** Of bags that nobody saw yet. */
  public static final SparseStatistics EMPTY = new SparseStatistics(0, 0, 0, 0);

  /** Both together. */
  SparseStatistics merge(SparseStatistics other) {
    return new SparseStatistics(
        bags + other.bags,
        emptyBags + other.emptyBags,
        ids + other.ids,
        replacedIds + other.replacedIds);
  }
}
