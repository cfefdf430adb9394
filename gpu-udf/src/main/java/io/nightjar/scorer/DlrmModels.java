package io.nightjar.scorer;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.cpu.CpuDlrmModel;
import io.nightjar.scorer.cuda.CudaDlrmModel;
import java.nio.file.Path;
import java.util.Optional;

/** Opens models; the only place that knows which backends there are. */
public final class DlrmModels {
  private DlrmModels() {}

  /** {@link #open(Path, Backend, Precision, int)} on device 0, where it is to be on one. */
  public static DlrmModel open(Path folder, Backend backend, Precision precision) {
    return open(folder, backend, precision, 0);
  }

  /**
   * {@link #open(Path, Backend, Precision, int, EmbeddingBags)} with {@link EmbeddingBags#AUTO}.
   */
  public static DlrmModel open(Path folder, Backend backend, Precision precision, int device) {
    return open(folder, backend, precision, device, EmbeddingBags.AUTO);
  }

  /**
   * Opens the model in a local folder; the caller closes it.
   *
   * @param device ordinal of the device of a backend that has such
   * @param bags how bags are pooled, where the backend has a choice
   * @throws io.nightjar.model.InvalidModelException if the folder does not hold a model as it
   *     should be
   * @throws java.io.UncheckedIOException if its files cannot be read
   * @throws IllegalArgumentException if the backend does not know the precision, or cannot pool
   *     such tables so
   * @throws BackendUnavailableException if the backend cannot run here
   */
  public static DlrmModel open(
      Path folder, Backend backend, Precision precision, int device, EmbeddingBags bags) {
    return switch (backend) {
      case CPU -> {
        if (precision != Precision.FP32) {
          throw new IllegalArgumentException(
              "Invalid precision for backend CPU: " + precision + ", expected FP32");
        }
        yield CpuDlrmModel.open(folder);
      }
      case CUDA -> CudaDlrmModel.open(folder, precision, device, bags);
    };
  }

  /**
   * Bytes of native memory that a model and its scorers take on the host, known without opening
   * one; beside the files of the model, which are mapped, and the scorers' batches.
   */
  public static long nativeBytes(Backend backend, DlrmConfig config, int scorers) {
    return switch (backend) {
      case CPU -> CpuDlrmModel.nativeBytes(config, scorers);
      case CUDA -> CudaDlrmModel.nativeBytes(scorers);
    };
  }

  /**
   * Bytes of a device's memory that a model and its batches take, known without opening it, however
   * many scorers there are; 0 where there is no device. Bags of more than one row id on average and
   * what is known of hot rows take more.
   *
   * @param batchRows rows a batch
   */
  public static long deviceBytes(
      Backend backend, ModelInfo model, Precision precision, int batchRows) {
    return switch (backend) {
      case CPU -> 0;
      case CUDA -> CudaDlrmModel.deviceBytes(model, precision, batchRows);
    };
  }

  /** {@link #whyUnavailable(Backend, int)} of device 0. */
  public static Optional<String> whyUnavailable(Backend backend) {
    return whyUnavailable(backend, 0);
  }

  /**
   * Why {@code backend} cannot run in this process, in one sentence, or empty if it can.
   *
   * @param device ordinal of the device of a backend that has such
   */
  public static Optional<String> whyUnavailable(Backend backend, int device) {
    return switch (backend) {
      case CPU -> Optional.empty();
      case CUDA -> CudaDlrmModel.whyUnavailable(device);
    };
  }

  /**
   * Whether an error leaves this process unable to use its device: every later call fails as well,
   * so the process must end and another take its place.
   */
  public static boolean isFatal(RuntimeException error) {
    return CudaDlrmModel.isFatal(error);
  }

  /** Rows a batch that {@code backend} works best with, known without opening a model. */
  public static int preferredBatchSize(Backend backend) {
    return switch (backend) {
      case CPU -> CpuDlrmModel.PREFERRED_BATCH;
      case CUDA -> CudaDlrmModel.PREFERRED_BATCH;
    };
  }
}
