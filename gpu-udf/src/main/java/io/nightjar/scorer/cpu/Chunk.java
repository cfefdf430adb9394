package io.nightjar.scorer.cpu;

/**
 * The unit of work: a fixed number of rows whose activations stay in the cache.
 *
 * <p>A product always has {@link #SIZE} rows, full or not, because one of another shape may add in
 * another order, and a row's score must not depend on the batch it rides in. For the same reason
 * the first and the last {@link #GUARD} rows are left alone: OpenBLAS's kernels for AVX2 split the
 * sums there and nowhere else. A row's values never meet another's, so that rows that are not used
 * need not be cleared.
 */
final class Chunk {
  /** Rows of every product. */
  static final int SIZE = 272;

  /** Rows at either end that hold no sample. */
  static final int GUARD = 8;

  /** Samples of a chunk; the first lies in row {@link #GUARD}. */
  static final int SAMPLES = SIZE - 2 * GUARD;

  private Chunk() {}
}
