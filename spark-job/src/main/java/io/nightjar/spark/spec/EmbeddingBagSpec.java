package io.nightjar.spark.spec;

import io.nightjar.scorer.EmbeddingBagVariant;
import java.io.Serializable;

/**
 * How bags are pooled on GPUs. Scores do not depend on it, but for {@link
 * EmbeddingBagVariant#RANGE}, which adds in another order.
 *
 * @param variant the kernels
 * @param reorder whether hot rows come first in a table's memory
 * @param profile folder of the counted row ids that tell which rows are hot; empty where there is
 *     none
 */
public record EmbeddingBagSpec(EmbeddingBagVariant variant, boolean reorder, String profile)
    implements Serializable {
  /** What is fastest on the first batch, of kernels that give the same bits. */
  public static final EmbeddingBagSpec AUTO =
      new EmbeddingBagSpec(EmbeddingBagVariant.AUTO, false, "");

  /** Whether it has to be known which rows are hot. */
  public boolean needsProfile() {
    return reorder || variant.pinsHotRows();
  }

  /** The same without a profile that nobody needs, so that equal ones are equal. */
  public EmbeddingBagSpec withoutIdleProfile() {
    return needsProfile() ? this : new EmbeddingBagSpec(variant, reorder, "");
  }
}
