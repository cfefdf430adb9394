package io.nightjar.scorer;

/** Arithmetic of the matrix products. */
public enum Precision {
  /** Agrees with float64 to 1e-5 in the score. */
  FP32,
  /** Operands rounded to bfloat16, sums in fp32. CUDA only. */
  BF16
}
