package io.nightjar.cuda;

/**
 * Blocks and threads of a launch.
 *
 * @param gridX blocks along x; y alike, up to 65,535 there
 * @param threads threads a block, along x
 * @param threadsY rows of those in a block; 1 but where a kernel counts threads along y too
 * @param sharedBytes dynamic shared memory a block
 */
public record LaunchShape(int gridX, int gridY, int threads, int threadsY, int sharedBytes) {
  private static final int MOST_BLOCKS_Y = 65_535;
  private static final int MOST_THREADS = 1_024;

  public LaunchShape {
    if (gridX < 1 || gridY < 1 || gridY > MOST_BLOCKS_Y) {
      throw new IllegalArgumentException(
          "Invalid grid: "
              + gridX
              + " x "
              + gridY
              + ", expected 1 or more x 1 to "
              + MOST_BLOCKS_Y);
    }
    if (threads < 1 || threadsY < 1 || (long) threads * threadsY > MOST_THREADS) {
      throw new IllegalArgumentException(
          "Invalid threads a block: "
              + (threadsY == 1 ? "" : threadsY + " x ")
              + threads
              + ", expected 1 to "
              + MOST_THREADS);
    }
    if (sharedBytes < 0) {
      throw new IllegalArgumentException(
          "Invalid shared memory: " + sharedBytes + " bytes, expected 0 or more");
    }
  }

  /** A row of blocks without dynamic shared memory. */
  public static LaunchShape of(int blocks, int threads) {
    return new LaunchShape(blocks, 1, threads, 1, 0);
  }

  /** As many blocks as give every item a thread; one block at least. */
  public static LaunchShape covering(int items, int threads) {
    return of(Math.max(1, (int) (((long) items + threads - 1) / threads)), threads);
  }

  /** The same with another number of rows of blocks. */
  public LaunchShape gridY(int rows) {
    return new LaunchShape(gridX, rows, threads, threadsY, sharedBytes);
  }

  /** The same with so many rows of threads a block. */
  public LaunchShape threadsY(int rows) {
    return new LaunchShape(gridX, gridY, threads, rows, sharedBytes);
  }

  /** The same with dynamic shared memory; above 48 KiB see {@link CudaFunction#allowShared}. */
  public LaunchShape sharedBytes(int bytes) {
    return new LaunchShape(gridX, gridY, threads, threadsY, bytes);
  }
}
