package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.spark.spec.BackendChoice;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class TestBackendDecision {
  private static final String AMOUNT = "spark.executor.resource.gpu.amount";

  @Test
  void theCpuIsAlwaysThere() {
    assertThat(BackendDecision.of(BackendChoice.CPU, conf("local")))
        .isEqualTo(new BackendDecision(Backend.CPU, "backend = cpu"));
  }

  @Test
  void localModeAsksForADevice() {
    Optional<String> why = DlrmModels.whyUnavailable(Backend.CUDA);
    BackendDecision decision = BackendDecision.of(BackendChoice.AUTO, conf("local[2]"));
    if (why.isPresent()) {
      assertThat(decision)
          .isEqualTo(new BackendDecision(Backend.CPU, "backend = auto: " + why.get()));
    } else {
      assertThat(decision)
          .isEqualTo(new BackendDecision(Backend.CUDA, "backend = auto: this host has a device 0"));
    }
  }

  @Test
  void cudaWithoutADeviceIsRefusedInLocalMode() {
    Optional<String> why = DlrmModels.whyUnavailable(Backend.CUDA);
    assumeThat(why).isPresent();
    assertThatThrownBy(() -> BackendDecision.of(BackendChoice.CUDA, conf("local[2]")))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(why.get());
  }

  @Test
  void aClustersSettingsDecide() {
    SparkConf one = conf("spark://host:7077").set(AMOUNT, "1");
    assertThat(BackendDecision.of(BackendChoice.AUTO, one))
        .isEqualTo(
            new BackendDecision(
                Backend.CUDA, "backend = auto: spark.executor.resource.gpu.amount = 1"));
    assertThat(BackendDecision.of(BackendChoice.CUDA, one))
        .isEqualTo(new BackendDecision(Backend.CUDA, "backend = cuda"));
    assertThat(BackendDecision.of(BackendChoice.AUTO, conf("yarn")))
        .isEqualTo(
            new BackendDecision(
                Backend.CPU,
                "backend = auto: Cannot use CUDA: executors have no GPU,"
                    + " spark.executor.resource.gpu.amount is not set, expected 1"));
  }

  @Test
  void cudaOnAClusterWithoutGpusIsRefused() {
    assertThatThrownBy(() -> BackendDecision.of(BackendChoice.CUDA, conf("yarn")))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "Cannot use CUDA: executors have no GPU, spark.executor.resource.gpu.amount is not set,"
                + " expected 1");
  }

  @Test
  void severalGpusAnExecutorAreNotTakenForNone() {
    for (BackendChoice choice : new BackendChoice[] {BackendChoice.AUTO, BackendChoice.CUDA}) {
      assertThatThrownBy(() -> BackendDecision.of(choice, conf("yarn").set(AMOUNT, "4")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Invalid spark.executor.resource.gpu.amount: 4, expected 1");
    }
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).set("spark.master", master);
  }
}
