package io.nightjar.scorer.cpu;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/** The matrix products that scoring needs, by OpenBLAS. All matrices are row-major. */
final class Blas {
  static {
    // Spark runs a task on each core: more threads in a product would only contend.
    blas_set_num_threads(1);
  }

  private Blas() {}

  /** {@code c = a b} of {@code a} [m, k], {@code b} [k, n] and {@code c} [m, n]. */
  static void product(int m, int n, int k, FloatPointer a, FloatPointer b, FloatPointer c) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
  }

  /** {@code c = a bᵀ} of {@code a} [m, k], {@code b} [n, k] and {@code c} [m, n]. */
  static void productTransposed(
      int m, int n, int k, FloatPointer a, FloatPointer b, FloatPointer c) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, a, k, b, k, 0, c, n);
  }
}
