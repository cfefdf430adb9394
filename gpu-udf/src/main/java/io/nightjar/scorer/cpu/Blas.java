package io.nightjar.scorer.cpu;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/** The matrix products that scoring needs, by OpenBLAS. */
final class Blas {
  static {
    // Spark runs a task on each core: more threads in a product would only contend.
    blas_set_num_threads(1);
  }

  private Blas() {}

  /**
   * {@code y = x wᵀ}, all row-major.
   *
   * @param x [rows, in], {@code xStride} elements from row to row
   * @param w [out, in], {@code wStride} elements from row to row
   * @param y [rows, out], {@code yStride} elements from row to row; what it held is not read
   */
  static void product(
      int rows,
      int out,
      int in,
      FloatPointer x,
      int xStride,
      FloatPointer w,
      int wStride,
      FloatPointer y,
      int yStride) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasTrans,
        rows,
        out,
        in,
        1,
        x,
        xStride,
        w,
        wStride,
        0,
        y,
        yStride);
  }
}
