package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.scorer.Backend;
import io.nightjar.spark.testing.LocalSpark;
import java.util.Set;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The SQL tab tells of a device where there is one, and does not show zeros where there is none.
 */
class TestScoreMetrics {
  private static final String[] OF_DEVICES = {
    "device_copy_in_nanos",
    "device_compute_nanos",
    "device_copy_out_nanos",
    "device_busy_nanos",
    "device_bytes_in",
    "device_bytes_out"
  };

  @Test
  void ofAGpu() {
    assertThat(names(Backend.CUDA)).contains("samples", "fill", "wait").contains(OF_DEVICES);
  }

  @Test
  void ofACpu() {
    assertThat(names(Backend.CPU)).contains("samples", "fill", "wait").doesNotContain(OF_DEVICES);
  }

  private static Set<String> names(Backend backend) {
    return CollectionConverters.asJava(
            ScoreMetrics.create(LocalSpark.session().sparkContext(), backend).byName())
        .keySet();
  }
}
