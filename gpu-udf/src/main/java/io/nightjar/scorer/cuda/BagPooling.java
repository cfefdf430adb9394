package io.nightjar.scorer.cuda;

import io.nightjar.scorer.EmbeddingBagVariant;

/** Pools the bags of a scorer's batches as a variant does. */
interface BagPooling {

  /** Gives the stream the work for the batch that lies on the device. */
  void pool(Recording recording, DeviceBatch batch);

  /** Whether that work is the same for every batch, so that it can be recorded. */
  boolean isRecordable();

  /** The one of {@code variant}, for one scorer. */
  static BagPooling of(EmbeddingBagVariant variant, Kernels kernels, Scratch scratch) {
    if (isOneTable(variant)) {
      return new OneTablePooling(variant.pinsHotRows(), kernels, scratch);
    }
    return switch (variant) {
      case RANGE, TBE_STAGED -> new StagedPooling(kernels.stagedBag());
      case TBE_L2P -> new PinnedPooling(kernels.pinHotRows(), kernels.embeddingBag());
      default -> new BatchedPooling(kernels.embeddingBag());
    };
  }

  /** Whether {@code variant} pools a table a launch, as PyTorch does. */
  static boolean isOneTable(EmbeddingBagVariant variant) {
    return switch (variant) {
      case BASE, OPTMT, RPF, SMPF, LMPF, L1DPF, L2P, COMBINED -> true;
      case AUTO,
          TBE,
          TBE_ORDER,
          TBE_OPTMT,
          TBE_SMPF,
          TBE_LMPF,
          TBE_L1DPF,
          TBE_STAGED,
          TBE_L2P,
          RANGE ->
          false;
    };
  }
}
