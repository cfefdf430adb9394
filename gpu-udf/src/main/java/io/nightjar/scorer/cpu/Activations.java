package io.nightjar.scorer.cpu;

/**
 * What one layer hands to the next: {@code features} values for each row of a chunk.
 *
 * @param values [features, {@link Chunk#SIZE}], or [{@link Chunk#SIZE}, features] if by row
 * @param features number of values a row
 * @param byRow whether a row's values lie together, as the interaction leaves them
 */
record Activations(FloatArray values, int features, boolean byRow) {

  /** {@code weight} [out, features] times these, into {@code y} [out, {@link Chunk#SIZE}]. */
  void multiply(FloatArray weight, int out, FloatArray y) {
    if (byRow) {
      Blas.productTransposed(
          out, Chunk.SIZE, features, weight.pointer(), values.pointer(), y.pointer());
    } else {
      Blas.product(out, Chunk.SIZE, features, weight.pointer(), values.pointer(), y.pointer());
    }
  }
}
