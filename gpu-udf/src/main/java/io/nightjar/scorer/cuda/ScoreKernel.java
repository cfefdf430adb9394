package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.LaunchShape;

/** score.cuh: the top MLP's last layer and the sigmoid. */
final class ScoreKernel {
  private static final int THREADS = 256;
  private static final int ROWS_A_BLOCK = THREADS / 8;

  private final CudaFunction function;
  private final int mostBlocks;

  ScoreKernel(CudaModule module, OperandFormat format, int multiprocessors) {
    this.function = module.function("score_" + format.suffix());
    this.mostBlocks = 8 * multiprocessors;
  }

  /**
   * Scores.
   *
   * @param weight fp32, as many elements as a padded row of {@code in}
   * @param bias fp32, one
   */
  void launch(
      Recording recording,
      Operand in,
      DeviceBuffer weight,
      DeviceBuffer bias,
      DeviceBuffer logits,
      DeviceBuffer scores) {
    long blocks = OperandFormat.divideUp(recording.capacity(), ROWS_A_BLOCK);
    function.launch(
        recording.stream(),
        LaunchShape.of((int) Math.min(blocks, mostBlocks), THREADS),
        recording.stream()
            .arguments()
            .pointer(in.buffer())
            .pointer(weight)
            .pointer(bias)
            .pointer(logits)
            .pointer(scores)
            .int32(in.columns())
            .int64(recording.rows())
            .float32(1 / recording.scale()));
  }
}
