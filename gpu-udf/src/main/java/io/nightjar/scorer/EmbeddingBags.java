package io.nightjar.scorer;

import java.util.List;

/**
 * How a model's bags are pooled where there is a choice. Scores do not depend on it, but for {@link
 * EmbeddingBagVariant#RANGE}.
 *
 * @param variant the kernels
 * @param hotRows row ids of each table, in the order of the config, most frequent first and each
 *     once; empty where nobody counted. Of a table without any there is an empty array
 * @param reorder whether hot rows come first in a table's memory; ids stay as they are
 */
public record EmbeddingBags(EmbeddingBagVariant variant, List<int[]> hotRows, boolean reorder) {
  /** {@link EmbeddingBagVariant#AUTO}, with nothing known of rows. */
  public static final EmbeddingBags AUTO = of(EmbeddingBagVariant.AUTO);

  public EmbeddingBags {
    hotRows = List.copyOf(hotRows);
    if ((reorder || variant.pinsHotRows()) && hotRows.isEmpty()) {
      throw new IllegalArgumentException(
          "Invalid variant of the embedding bag: "
              + variant
              + (reorder ? " with rows in another order" : "")
              + ", expected one that needs no hot rows, for none are known");
    }
    if (reorder && variant.groupsIds()) {
      throw new IllegalArgumentException(
          "Invalid variant of the embedding bag: "
              + variant
              + " with rows in another order, expected another: it adds in the order in which rows"
              + " lie");
    }
  }

  /** That variant, with nothing known of rows. */
  public static EmbeddingBags of(EmbeddingBagVariant variant) {
    return new EmbeddingBags(variant, List.of(), false);
  }
}
