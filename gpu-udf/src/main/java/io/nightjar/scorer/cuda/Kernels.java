package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaModule;
import io.nightjar.scorer.EmbeddingBagVariant;
import java.util.Optional;

/**
 * The kernels that every model of a precision needs. Shared by scorers, live with the module.
 *
 * @param oneTable of variants that pool a table a launch
 */
record Kernels(
    CheckIdsKernel checkIds,
    RenameIdsKernel renameIds,
    EmbeddingBagKernel embeddingBag,
    Optional<OneTableKernel> oneTable,
    StagedBagKernel stagedBag,
    PinHotRowsKernel pinHotRows,
    WidenIntsKernel widenInts,
    PackKernel pack,
    LinearKernel linear,
    ConcatenateKernel concatenate,
    ScoreKernel score) {

  /** Finds them; the module of a variant of the ablation is loaded, and goes to the closer. */
  static Kernels of(
      CudaModule module,
      OperandFormat format,
      CudaContext context,
      EmbeddingBagVariant variant,
      Closer closer) {
    int multiprocessors = context.device().multiprocessors();
    Optional<CudaModule> variants =
        variant.isOfAblation()
            ? Optional.of(closer.add(CudaModule.loadVariants(context, module.image())))
            : Optional.empty();
    boolean batched = !BagPooling.isOneTable(variant) && variant != EmbeddingBagVariant.TBE_STAGED;
    return new Kernels(
        new CheckIdsKernel(module, multiprocessors),
        new RenameIdsKernel(module, multiprocessors),
        variants
            .filter(loaded -> batched)
            .map(loaded -> EmbeddingBagKernel.ofAblation(loaded, variant, multiprocessors))
            .orElseGet(() -> EmbeddingBagKernel.of(module, format, multiprocessors)),
        variants
            .filter(loaded -> BagPooling.isOneTable(variant))
            .map(loaded -> new OneTableKernel(loaded, variant)),
        variant == EmbeddingBagVariant.TBE_STAGED
            ? StagedBagKernel.ofAblation(variants.orElseThrow(), multiprocessors)
            : StagedBagKernel.byRange(module, format, multiprocessors),
        new PinHotRowsKernel(
            module, multiprocessors, variant.pinsHotRows() ? context.letL2Persist() : 0),
        new WidenIntsKernel(module, multiprocessors),
        new PackKernel(module, format),
        new LinearKernel(module, format, multiprocessors),
        new ConcatenateKernel(module, format, multiprocessors),
        new ScoreKernel(module, format, multiprocessors));
  }
}
