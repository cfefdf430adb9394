package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.LaunchShape;

/** pack.cuh: makes operands of plain fp32 arrays. */
final class PackKernel {
  private static final int THREADS = 256;

  private final CudaFunction dense;
  private final CudaFunction weight;

  PackKernel(CudaModule module, OperandFormat format) {
    this.dense = module.function("pack_dense_" + format.suffix());
    this.weight = module.function("pack_weight_" + format.suffix());
  }

  /**
   * Packs the dense features, [columns of {@code to}, capacity].
   *
   * @param instances address of an address a feature: of the instance of each row, or 0
   */
  void dense(Recording recording, DeviceBuffer features, long instances, Operand to) {
    dense.launch(
        recording.stream(),
        shape(recording.capacity(), to.columns()),
        recording.stream()
            .arguments()
            .pointer(features)
            .int32(to.columns())
            .int32(recording.capacity())
            .int64(instances)
            .pointer(to.buffer())
            .int64(recording.rows())
            .float32(recording.scale())
            .int64(recording.overflow()));
  }

  /**
   * Packs a weight, [outputs, inputs].
   *
   * @param dense whether the layer takes the dense features as {@link #dense} packs them
   * @param to has {@link #paddedOutputs} rows
   */
  void weight(
      CudaStream stream,
      DeviceBuffer from,
      int outputs,
      int inputs,
      boolean dense,
      DeviceBuffer to,
      float scale,
      DeviceBuffer overflow) {
    weight.launch(
        stream,
        shape(paddedOutputs(outputs), inputs),
        stream
            .arguments()
            .pointer(from)
            .int32(outputs)
            .int32(inputs)
            .pointer(to)
            .int32(dense ? 1 : 0)
            .float32(scale)
            .pointer(overflow));
  }

  /** Rows of a packed weight. */
  static int paddedOutputs(int outputs) {
    int rows = OperandFormat.TILE_ROWS;
    return outputs <= rows
        ? rows
        : Math.toIntExact(OperandFormat.divideUp(outputs, 2L * rows) * 2 * rows);
  }

  private static LaunchShape shape(int rows, int columns) {
    return LaunchShape.covering(rows, THREADS).gridY(OperandFormat.chunks(columns));
  }
}
