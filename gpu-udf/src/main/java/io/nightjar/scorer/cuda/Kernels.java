package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.CudaModule;

/** The kernels that every model of a precision needs. Shared by scorers, live with the module. */
record Kernels(
    CheckIdsKernel checkIds,
    EmbeddingBagKernel embeddingBag,
    PackKernel pack,
    LinearKernel linear,
    ConcatenateKernel concatenate,
    ScoreKernel score) {

  static Kernels of(
      CudaModule module, OperandFormat format, CudaDevice device, EmbeddingBagVariant variant) {
    int multiprocessors = device.multiprocessors();
    return new Kernels(
        new CheckIdsKernel(module, multiprocessors),
        new EmbeddingBagKernel(module, format, multiprocessors, variant),
        new PackKernel(module, format),
        new LinearKernel(module, format, multiprocessors),
        new ConcatenateKernel(module, format, multiprocessors),
        new ScoreKernel(module, format, multiprocessors));
  }
}
