package io.nightjar.spark.executor;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.spark.spec.BackendChoice;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * What computes the scores of an application, the same on all its executors.
 *
 * @param backend the backend
 * @param why what decided it, in a few words
 */
public record BackendDecision(Backend backend, String why) {

  /**
   * What {@code choice} means to an application with these settings. In local mode the driver's
   * process is asked for a device; on a cluster the executors' hosts have the devices, not the
   * driver's, and Spark's settings say whether executors are given one.
   *
   * @throws BackendUnavailableException if CUDA was chosen and cannot be had
   * @throws IllegalArgumentException if Spark's settings of GPUs are none to score with
   */
  static BackendDecision of(BackendChoice choice, SparkConf conf) {
    return switch (choice) {
      case CPU -> new BackendDecision(Backend.CPU, "backend = cpu");
      case CUDA -> {
        whyNoDevice(conf)
            .ifPresent(
                why -> {
                  throw new BackendUnavailableException(why);
                });
        yield new BackendDecision(Backend.CUDA, "backend = cuda");
      }
      case AUTO -> {
        Optional<String> why = whyNoDevice(conf);
        yield why.isPresent()
            ? new BackendDecision(Backend.CPU, "backend = auto: " + why.get())
            : new BackendDecision(Backend.CUDA, "backend = auto: " + device(conf));
      }
    };
  }

  private static Optional<String> whyNoDevice(SparkConf conf) {
    if (GpuResources.isLocal(conf)) {
      return DlrmModels.whyUnavailable(Backend.CUDA, GpuResources.device(conf, Map.of()));
    }
    return GpuResources.executorsHaveOne(conf)
        ? Optional.empty()
        : Optional.of(
            "Cannot use CUDA: executors have no GPU, "
                + GpuResources.OF_EXECUTORS
                + " is not set, expected 1");
  }

  /** What there is, where nothing is missing. */
  private static String device(SparkConf conf) {
    return GpuResources.isLocal(conf)
        ? "this host has a device " + GpuResources.device(conf, Map.of())
        : GpuResources.OF_EXECUTORS + " = 1";
  }
}
