package io.nightjar.scorer.cuda;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How bags are pooled: the rows of the ablation in docs/embedding-bag.md, after arXiv 2410.22249.
 *
 * <p>Those that scores can be computed with are kernels of every model's module. The others are
 * there to be measured, in a module of their own.
 */
enum EmbeddingBagVariant {
  /** PyTorch 2.1's kernel. */
  BASE("base", Use.MEASURED),
  /** Its registers capped, so that more warps fit. */
  OPTMT("optmt", Use.MEASURED),
  /** Coming rows prefetched into registers. */
  RPF("rpf", Use.MEASURED),
  /** Into shared memory, asynchronously. */
  SMPF("smpf", Use.MEASURED),
  /** Into local memory. */
  LMPF("lmpf", Use.MEASURED),
  /** Into L1. */
  L1DPF("l1dpf", Use.MEASURED),
  /** Hot rows kept in L2. */
  L2P("l2p", Use.MEASURED),
  /** The best prefetch with capped registers and hot rows in L2. */
  COMBINED("combined", Use.MEASURED),
  /** All tables in one launch, rows 16 bytes a thread, prefetched into registers. */
  TBE("tbe", Use.SCORES),
  /** That without a prefetch of its own. */
  TBE_ORDER("tbe+order", Use.MEASURED),
  /** With other caps of registers. */
  TBE_OPTMT("tbe+optmt", Use.MEASURED),
  /** With rows prefetched into shared memory. */
  TBE_SMPF("tbe+smpf", Use.MEASURED),
  /** Into local memory. */
  TBE_LMPF("tbe+lmpf", Use.MEASURED),
  /** Into L1. */
  TBE_L1DPF("tbe+l1dpf", Use.MEASURED),
  /** With hot rows kept in L2. */
  TBE_L2P("tbe+l2p", Use.MEASURED),
  /**
   * With the ids of each bag grouped by ranges of the table first. It adds in another order than
   * the bag's, always the same for a bag.
   */
  RANGE("range", Use.SCORES);

  private enum Use {
    SCORES,
    MEASURED
  }

  private final String row;
  private final Use use;

  EmbeddingBagVariant(String row, Use use) {
    this.row = row;
    this.use = use;
  }

  /**
   * The one that is measured to be best among those that add in the bag's order: scores then do not
   * depend on the choice.
   */
  static EmbeddingBagVariant auto() {
    return TBE;
  }

  /**
   * The variant of that name.
   *
   * @throws IllegalArgumentException if there is none that computes scores
   */
  static EmbeddingBagVariant named(String name) {
    if (name.equals("auto")) {
      return auto();
    }
    return Arrays.stream(values())
        .filter(variant -> variant.scores() && variant.row.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid variant of the embedding bag: %s, expected auto, %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .filter(EmbeddingBagVariant::scores)
                                .map(EmbeddingBagVariant::row)
                                .collect(Collectors.joining(" or ")))));
  }

  /** Its row in the tables. */
  String row() {
    return row;
  }

  /** Whether scores can be computed with it. */
  boolean scores() {
    return use == Use.SCORES;
  }

  /** Whether the ids of each bag are grouped by ranges of the table first. */
  boolean groupsIds() {
    return this == RANGE;
  }

  @Override
  public String toString() {
    return row;
  }
}
