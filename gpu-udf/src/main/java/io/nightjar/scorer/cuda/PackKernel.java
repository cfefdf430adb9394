package io.nightjar.scorer.cuda;

import io.nightjar.batch.Transform;
import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.LaunchShape;
import java.nio.ByteBuffer;

/** pack.cuh: makes operands of plain fp32 arrays. */
final class PackKernel {
  /** Size of a dense feature's description. */
  static final int FEATURE_BYTES = 16;

  private static final int THREADS = 256;

  private final CudaFunction dense;
  private final CudaFunction weight;

  PackKernel(CudaModule module, OperandFormat format) {
    this.dense = module.function("pack_dense_" + format.suffix());
    this.weight = module.function("pack_weight_" + format.suffix());
  }

  /**
   * Describes a dense feature.
   *
   * @param instances address of the instance of each row; 0: it has a value a row
   */
  static void describe(ByteBuffer to, long instances, Transform transform) {
    to.putLong(instances).putInt(transform == Transform.LOG1P ? 1 : 0).putInt(0);
  }

  /**
   * Packs the dense features, [columns of {@code to}, capacity].
   *
   * @param described address of their descriptions
   */
  void dense(Recording recording, DeviceBuffer features, long described, Operand to) {
    dense.launch(
        recording.stream(),
        shape(recording.capacity(), to.columns()),
        recording.stream()
            .arguments()
            .pointer(features)
            .int32(to.columns())
            .int32(recording.capacity())
            .int64(described)
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
