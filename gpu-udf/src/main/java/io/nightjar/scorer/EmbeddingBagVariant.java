package io.nightjar.scorer;

import io.nightjar.model.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How bags are pooled on a GPU: the rows of the ablation in docs/embedding-bag.md, after arXiv
 * 2410.22249, and {@link #AUTO}.
 *
 * <p>All but {@link #RANGE} add in the bag's order, and so give the same bits.
 */
public enum EmbeddingBagVariant {
  /** {@link #TBE}, walked in the way that is fastest on this GPU, with this model and its input. */
  AUTO("auto", Kernels.OF_EVERY_MODEL),
  /** PyTorch 2.1's kernel. */
  BASE("base", Kernels.OF_ABLATION),
  /** Its registers capped, so that more warps fit. */
  OPTMT("optmt", Kernels.OF_ABLATION),
  /** Coming rows prefetched into registers. */
  RPF("rpf", Kernels.OF_ABLATION),
  /** Into shared memory, asynchronously; fp32 rows only. */
  SMPF("smpf", Kernels.OF_ABLATION),
  /** Into local memory. */
  LMPF("lmpf", Kernels.OF_ABLATION),
  /** Into L1. */
  L1DPF("l1dpf", Kernels.OF_ABLATION),
  /** Hot rows kept in L2. */
  L2P("l2p", Kernels.OF_ABLATION),
  /** The best prefetch with capped registers and hot rows in L2. */
  COMBINED("combined", Kernels.OF_ABLATION),
  /** All tables in one launch, rows 16 bytes a thread, prefetched into registers. */
  TBE("tbe", Kernels.OF_EVERY_MODEL),
  /** That without a prefetch of its own. */
  TBE_ORDER("tbe+order", Kernels.OF_ABLATION),
  /** With other caps of registers. */
  TBE_OPTMT("tbe+optmt", Kernels.OF_ABLATION),
  /** With rows prefetched into shared memory. */
  TBE_SMPF("tbe+smpf", Kernels.OF_ABLATION),
  /** Into local memory. */
  TBE_LMPF("tbe+lmpf", Kernels.OF_ABLATION),
  /** Into L1. */
  TBE_L1DPF("tbe+l1dpf", Kernels.OF_ABLATION),
  /** By warps that stay for all tables, their next ids copied to shared memory as they walk. */
  TBE_STAGED("tbe+staged", Kernels.OF_ABLATION),
  /** With hot rows kept in L2. */
  TBE_L2P("tbe+l2p", Kernels.OF_EVERY_MODEL),
  /**
   * That, with each bag's ids walked by ranges of the table, so that bags that run at once meet in
   * L2. It adds in another order than the bag's, always the same for a bag.
   */
  RANGE("range", Kernels.OF_EVERY_MODEL);

  private enum Kernels {
    /** In every model's module, for all types. */
    OF_EVERY_MODEL,
    /** In a module of their own, for fp32 sums of fp32 and fp16 rows. */
    OF_ABLATION
  }

  private final String row;
  private final Kernels kernels;

  EmbeddingBagVariant(String row, Kernels kernels) {
    this.row = row;
    this.kernels = kernels;
  }

  /** The variant of that name, if there is one. */
  public static Optional<EmbeddingBagVariant> named(String name) {
    return Arrays.stream(values()).filter(variant -> variant.row.equals(name)).findFirst();
  }

  /** All names. */
  public static List<String> names() {
    return Arrays.stream(values()).map(EmbeddingBagVariant::row).toList();
  }

  /** Its name, and its row in the tables. */
  public String row() {
    return row;
  }

  /** Whether its kernels are in a module of their own. */
  public boolean isOfAblation() {
    return kernels == Kernels.OF_ABLATION;
  }

  /** Whether the ids of each bag are walked by ranges of the table. */
  public boolean groupsIds() {
    return this == RANGE;
  }

  /** Whether it has to be told the hot rows of each table. */
  public boolean pinsHotRows() {
    return this == L2P || this == COMBINED || this == TBE_L2P;
  }

  /** Why it cannot pool such rows in that precision, in a few words; empty if it can. */
  public Optional<String> whyNot(Precision precision, DType rows) {
    if (!isOfAblation()) {
      return Optional.empty();
    }
    if (precision != Precision.FP32) {
      return Optional.of("it sums in fp32 only, the precision is " + precision);
    }
    if (rows == DType.BF16 || (rows == DType.F16 && this == SMPF)) {
      return Optional.of("it has no kernel for rows of " + rows);
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return row;
  }
}
