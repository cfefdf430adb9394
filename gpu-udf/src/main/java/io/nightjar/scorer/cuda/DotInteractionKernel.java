package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.CudaFunction;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.LaunchShape;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.scorer.BackendUnavailableException;
import java.util.Locale;

/**
 * dot_interaction.cuh, and dot_interaction_wide.cuh where vectors are many or long: the products of
 * all pairs of a row's vectors.
 */
final class DotInteractionKernel {
  private static final int MOST_VECTORS = 32;
  private static final int MOST_PIECES = 2048;
  private static final int MOST_WIDE_VECTORS = 768;
  private static final int WIDE_THREADS = 256;
  private static final int WIDE_RESULTS = 12288;

  private final CudaFunction function;
  private final int vectors;
  private final int dim;
  private final int prefix;
  private final int threads;
  private final int rowsABlock;
  private final int shared;
  private final int mostBlocks;

  /**
   * Finds the kernel for a model.
   *
   * @throws BackendUnavailableException if its vectors are too many or too long for either kernel
   */
  DotInteractionKernel(
      CudaModule module, OperandFormat format, DlrmConfig config, Pairs pairs, CudaDevice device) {
    this.vectors = config.vectors();
    this.dim = config.tableOf(0).embeddingDim();
    this.prefix = config.denseElements();
    String suffix = pairs.name().toLowerCase(Locale.ROOT) + "_" + format.suffix();
    int vectorBytes = dim * format.vectorType().bytes();
    int pitch = Math.toIntExact(OperandFormat.divideUp(vectorBytes, 128) * 128);
    long pieces = OperandFormat.divideUp(vectorBytes, 16);
    int columns = Math.toIntExact(config.interactionElements());
    RowInWork row =
        switch (format) {
          case F16 -> new RowInWork(32, 4, 0);
          case SPLIT_F16 -> new RowInWork(64, 6, 3072);
        };
    long rowShared =
        2L * MOST_VECTORS * pitch
            + (long) OperandFormat.chunks(columns) * OperandFormat.CHUNK * 4
            + row.exchange();
    int mostShared = device.sharedBytesPerBlock();
    if (vectors <= MOST_VECTORS && vectors * pieces <= MOST_PIECES && rowShared <= mostShared) {
      // As many rows as a multiprocessor holds, in blocks of one size.
      long rows = mostShared / rowShared;
      this.rowsABlock = (int) (rows / OperandFormat.divideUp(rows, row.mostABlock()));
      this.function = module.function("dot_interaction_" + suffix);
      this.threads = rowsABlock * row.threads();
      this.shared = (int) (rowsABlock * rowShared);
    } else {
      long wideShared =
          OperandFormat.divideUp(vectors, 16) * 16 * pitch
              + WIDE_RESULTS * 4L
              + OperandFormat.divideUp(vectors, 2) * 16;
      if (vectors > MOST_WIDE_VECTORS || wideShared > mostShared) {
        throw new BackendUnavailableException(
            ("Cannot compute dot products of %d vectors of %d elements on %s: they take %d bytes"
                    + " of shared memory, of which there are %d (at most %d vectors)")
                .formatted(vectors, dim, device, wideShared, mostShared, MOST_WIDE_VECTORS));
      }
      this.function = module.function("dot_interaction_wide_" + suffix);
      this.threads = WIDE_THREADS;
      this.rowsABlock = 1;
      this.shared = (int) wideShared;
    }
    function.allowShared(shared);
    this.mostBlocks = device.multiprocessors() * Math.max(1, mostShared / shared);
  }

  /**
   * What the kernel gives a row that it works on.
   *
   * @param mostABlock such rows
   * @param exchange bytes of shared memory through which its warps add up
   */
  private record RowInWork(int threads, int mostABlock, int exchange) {}

  /** {@code to} = the dense vector, if there is one, and the products. */
  void launch(Recording recording, long sources, Operand to) {
    long blocks = OperandFormat.divideUp(recording.capacity(), rowsABlock);
    function.launch(
        recording.stream(),
        LaunchShape.of((int) Math.min(blocks, mostBlocks), threads).sharedBytes(shared),
        recording.stream()
            .arguments()
            .int64(sources)
            .int32(vectors)
            .int32(dim)
            .int32(prefix)
            .pointer(to.buffer())
            .int64(recording.rows())
            .float32(recording.scale())
            .int64(recording.overflow()));
  }
}
