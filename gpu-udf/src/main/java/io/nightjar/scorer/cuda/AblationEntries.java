package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.model.DType;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Precision;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The kernels of the ablation: of each variant the setting that measured best. */
final class AblationEntries {
  private AblationEntries() {}

  /** A variant's entry, without the type of the rows. */
  static String entry(EmbeddingBagVariant variant) {
    return switch (variant) {
      case BASE, L2P -> "base";
      case OPTMT -> "optmt_4";
      case RPF -> "rpf_8";
      case SMPF -> "smpf_16";
      case LMPF -> "lmpf_8";
      case L1DPF -> "l1dpf_4";
      case COMBINED -> "combined_8";
      case TBE_ORDER -> "tbe_order";
      case TBE_OPTMT -> "tbe_optmt_8";
      case TBE_SMPF -> "tbe_smpf_4";
      case TBE_LMPF -> "tbe_lmpf_4";
      case TBE_L1DPF -> "tbe_l1dpf_4";
      case TBE_STAGED -> "tbe_staged_8";
      case AUTO, TBE, TBE_L2P, RANGE ->
          throw new IllegalArgumentException("Variant " + variant + " has kernels of every model");
    };
  }

  /** A variant's kernels in their module, by the types of rows that it has. */
  static Map<DType, CudaFunction> of(CudaModule variants, EmbeddingBagVariant variant) {
    Map<DType, CudaFunction> functions = new EnumMap<>(DType.class);
    for (DType rows : DType.values()) {
      if (rows.isWeight() && variant.whyNot(Precision.FP32, rows).isEmpty()) {
        String name = entry(variant) + "_" + rows.name().toLowerCase(Locale.ROOT);
        functions.put(rows, variants.function(name));
      }
    }
    return functions;
  }
}
