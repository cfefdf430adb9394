package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.golden.Golden;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scores that PyTorch gave in float64, through the whole job on a GPU. */
@Tag("gpu")
class TestJobOnGpu {
  @TempDir Path folder;

  static List<String> names() {
    return Golden.NAMES;
  }

  @BeforeAll
  static void thereIsADevice() {
    assertThat(DlrmModels.whyUnavailable(Backend.CUDA)).as("why there is no device").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("names")
  void fp32(String name) throws IOException {
    GoldenRun run = GoldenRun.of(name, Backend.CUDA, Precision.FP32, folder);
    assertThat(run).matches(GoldenRun::isWithin);
  }

  @ParameterizedTest
  @MethodSource("names")
  void bf16(String name) throws IOException {
    GoldenRun run = GoldenRun.of(name, Backend.CUDA, Precision.BF16, folder);
    assertThat(run).matches(GoldenRun::isWithin);
  }
}
