package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;

/** concatenate.cuh: puts a row's vectors side by side. */
final class ConcatenateKernel {
  private static final int THREADS = 128;

  private final CudaFunction function;
  private final int mostBlocks;

  ConcatenateKernel(CudaModule module, OperandFormat format, int multiprocessors) {
    this.function = module.function("concatenate_" + format.suffix());
    this.mostBlocks = 16 * multiprocessors;
  }

  /** {@code to} = the {@code vectors} vectors that {@code sources} describes. */
  void launch(Recording recording, long sources, int vectors, Operand to) {
    int blocks = LaunchShape.covering(OperandFormat.chunks(to.columns()), THREADS).gridX();
    function.launch(
        recording.stream(),
        LaunchShape.of(Math.min(recording.capacity(), mostBlocks), THREADS).gridY(blocks),
        recording.stream()
            .arguments()
            .int64(sources)
            .int32(vectors)
            .int32(to.columns())
            .pointer(to.buffer())
            .int64(recording.rows())
            .float32(recording.scale())
            .int64(recording.overflow()));
  }
}
