package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;

/** widen_ints.cuh: gives ints eight bytes. */
final class WidenIntsKernel {
  private static final int THREADS = 256;

  private final CudaFunction function;
  private final int blocks;

  WidenIntsKernel(CudaModule module, int multiprocessors) {
    this.function = module.function("widen_ints");
    this.blocks = 8 * multiprocessors;
  }

  /** Widens {@code count} ints at {@code from} into the longs at {@code to}. */
  void launch(Recording recording, long from, long to, long count) {
    function.launch(
        recording.stream(),
        LaunchShape.of(blocks, THREADS),
        recording.stream().arguments().int64(from).int64(to).int64(count));
  }
}
