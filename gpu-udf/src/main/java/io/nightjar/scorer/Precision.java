package io.nightjar.scorer;

/** Arithmetic of the matrix products. */
public enum Precision {
  /** Agrees with float64 to 1e-5 in the score. */
  FP32,
  /**
   * Vectors rounded to bfloat16, the layers' operands to the 11 bits of fp16, sums in fp32. CUDA
   * only.
   */
  BF16
}
