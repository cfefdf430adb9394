package io.nightjar.cuda;

import java.util.function.Supplier;
import jcuda.driver.CUresult;

/** What a call of the driver answered. */
final class CudaResult {
  /** A fault that the driver contained; known to drivers newer than JCuda's headers. */
  private static final int CUDA_ERROR_CONTAINED = 721;

  private CudaResult() {}

  /**
   * Throws unless the call went well.
   *
   * @param doing what was done, with its values, as in "Cannot (doing): CUDA_ERROR_..."
   */
  static void check(int result, Supplier<String> doing) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, doing.get());
    }
  }

  /** The exception that fits: try again, with less memory perhaps, or end the process. */
  static RuntimeException failure(int result, String doing) {
    String message = "Cannot " + doing + ": " + name(result);
    return isFatal(result)
        ? new FatalCudaException(message)
        : new CudaException(message, result == CUresult.CUDA_ERROR_OUT_OF_MEMORY);
  }

  /** The driver's name for it and its number. */
  static String name(int result) {
    String name =
        result == CUDA_ERROR_CONTAINED ? "CUDA_ERROR_CONTAINED" : CUresult.stringFor(result);
    return name + " (" + result + ")";
  }

  /** The errors after which the driver's manual says that the process must be ended, and kin. */
  private static boolean isFatal(int result) {
    return switch (result) {
      case CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUDA_ERROR_CONTAINED,
          CUresult.CUDA_ERROR_EXTERNAL_DEVICE,
          CUresult.CUDA_ERROR_MPS_CLIENT_TERMINATED,
          CUresult.CUDA_ERROR_UNKNOWN ->
          true;
      default -> false;
    };
  }
}
