package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;

/** pin_hot_rows.cuh: brings a table's hot rows to L2, to be evicted last. */
final class PinHotRowsKernel {
  /** Rows are brought in pieces of this. */
  static final int SECTOR_BYTES = 32;

  private static final int THREADS = 256;

  private final CudaFunction function;
  private final long persistingBytes;
  private final int blocks;

  /**
   * Finds the kernel.
   *
   * @param persistingBytes how much of L2 is kept for what it brings
   */
  PinHotRowsKernel(CudaModule module, int multiprocessors, long persistingBytes) {
    this.function = module.function("pin_hot_rows");
    this.persistingBytes = persistingBytes;
    this.blocks = 4 * multiprocessors;
  }

  /** Pins as many of the table's hot rows as there is room for. */
  void launch(Recording recording, DeviceTable table) {
    int rowBytes = table.stride() * table.dtype().bytes();
    int count = (int) Math.min(table.hot().count(), persistingBytes / rowBytes);
    if (count > 0) {
      function.launch(
          recording.stream(),
          LaunchShape.of(blocks, THREADS),
          recording.stream()
              .arguments()
              .pointer(table.rows())
              .pointer(table.hot().rows().orElseThrow())
              .int32(count)
              .int32(rowBytes));
    }
  }
}
