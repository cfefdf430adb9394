package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.KernelArguments;
import io.nightjar.cuda.KernelImage;
import io.nightjar.cuda.LaunchShape;
import java.util.Optional;

/** linear.cuh: the layers of the MLPs and of the cross network. */
final class LinearKernel {
  private static final int HOPPER_THREADS = 384;
  private static final int HOPPER_SHARED = (224 << 10) + 128;
  private static final int AMPERE_THREADS = 256;
  private static final int AMPERE_SHARED = 96 << 10;
  private static final int LEAST_COLUMNS = 64;
  private static final int SCORE_OUTPUTS = 256;

  private final CudaFunction relu;
  private final CudaFunction reluVectors;
  private final CudaFunction plain;
  private final CudaFunction cross;
  private final Optional<CudaFunction> score;
  private final boolean hopper;
  private final int multiprocessors;

  LinearKernel(CudaModule module, OperandFormat format, int multiprocessors) {
    this.hopper = module.image() == KernelImage.SM_90A;
    this.multiprocessors = multiprocessors;
    this.relu = function(module, "linear_relu_" + format.suffix());
    this.reluVectors = function(module, "linear_relu_vectors_" + format.suffix());
    this.plain = function(module, "linear_plain_" + format.suffix());
    this.cross = function(module, "linear_cross_" + format.suffix());
    this.score =
        format == OperandFormat.F16
            ? Optional.of(function(module, "linear_score_bf16"))
            : Optional.empty();
  }

  private CudaFunction function(CudaModule module, String name) {
    CudaFunction function = module.function(name);
    function.allowShared(hopper ? HOPPER_SHARED : AMPERE_SHARED);
    return function;
  }

  /** {@code to = relu(weight in + bias)}. */
  void relu(Recording recording, Operand in, LinearWeight weight, Operand to) {
    launch(relu, recording, weight, arguments(recording, in, weight, to.buffer()));
  }

  /** The same to vectors, [rows, {@link OperandFormat#stride stride}]. */
  void reluVectors(Recording recording, Operand in, LinearWeight weight, DeviceBuffer to) {
    launch(reluVectors, recording, weight, arguments(recording, in, weight, to));
  }

  /** {@code to = weight in}. */
  void plain(Recording recording, Operand in, LinearWeight weight, Operand to) {
    launch(plain, recording, weight, arguments(recording, in, weight, to.buffer()));
  }

  /** {@code to = x0 * (weight in + bias) + x}. */
  void cross(
      Recording recording, Operand in, LinearWeight weight, Operand x0, Operand x, Operand to) {
    KernelArguments arguments = arguments(recording, in, weight, to.buffer());
    launch(cross, recording, weight, arguments.pointer(x0.buffer()).pointer(x.buffer()));
  }

  /** Whether {@link #score} can do this layer and the last one together. */
  boolean scores(LinearWeight weight) {
    return score.isPresent() && weight.outputs() <= SCORE_OUTPUTS;
  }

  /**
   * {@code logits = last relu(weight in + bias) + lastBias}, and the scores. What is between the
   * two layers is not rounded.
   *
   * @param last fp32, outputs of {@code weight} rounded up to a tile's columns
   * @param lastBias fp32, one
   */
  void score(
      Recording recording,
      Operand in,
      LinearWeight weight,
      DeviceBuffer last,
      DeviceBuffer lastBias,
      DeviceBuffer logits,
      DeviceBuffer scores) {
    launch(
        score.orElseThrow(),
        recording,
        weight,
        recording.stream()
            .arguments()
            .pointer(in.buffer())
            .pointer(weight.operand())
            .int64(weight.biasAddress())
            .int32(weight.inputs())
            .int32(weight.outputs())
            .int64(recording.rows())
            .float32(unscale(recording, weight))
            .pointer(last)
            .pointer(lastBias)
            .pointer(logits)
            .pointer(scores));
  }

  private static KernelArguments arguments(
      Recording recording, Operand in, LinearWeight weight, DeviceBuffer to) {
    return recording.stream()
        .arguments()
        .pointer(in.buffer())
        .pointer(weight.operand())
        .int64(weight.biasAddress())
        .pointer(to)
        .int32(weight.inputs())
        .int32(weight.outputs())
        .int64(recording.rows())
        .float32(unscale(recording, weight))
        .float32(recording.scale())
        .int64(recording.overflow());
  }

  private static float unscale(Recording recording, LinearWeight weight) {
    return (float) (1 / ((double) recording.scale() * weight.scale()));
  }

  private void launch(
      CudaFunction function, Recording recording, LinearWeight weight, KernelArguments arguments) {
    LaunchShape shape =
        hopper
            ? LaunchShape.of(hopperBlocks(recording, weight), HOPPER_THREADS)
                .sharedBytes(HOPPER_SHARED)
            : LaunchShape.of(
                    (int) Math.min(tiles(recording, weight), 2L * multiprocessors), AMPERE_THREADS)
                .sharedBytes(AMPERE_SHARED);
    function.launch(recording.stream(), shape, arguments);
  }

  /** Clusters of two blocks, which stay on the chip. */
  private int hopperBlocks(Recording recording, LinearWeight weight) {
    int most = Math.max(2, multiprocessors / 2 * 2);
    return (int) Math.min(tiles(recording, weight) * 2, most);
  }

  /** At least as many as there are tiles of the output. */
  private static long tiles(Recording recording, LinearWeight weight) {
    return OperandFormat.divideUp(recording.capacity(), OperandFormat.TILE_ROWS)
        * OperandFormat.divideUp(weight.outputs(), LEAST_COLUMNS);
  }
}
