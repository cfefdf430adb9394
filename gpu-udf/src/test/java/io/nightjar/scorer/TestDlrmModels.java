package io.nightjar.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestDlrmModels {
  @Test
  void cpuComputesInFp32Only() {
    assertThatThrownBy(() -> DlrmModels.open(Path.of("m"), Backend.CPU, Precision.BF16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid precision for backend CPU: BF16, expected FP32");
  }

  @Test
  void cudaNeedsADevice() {
    Optional<String> why = DlrmModels.whyUnavailable(Backend.CUDA);
    assumeThat(why).isPresent();
    assertThat(why.orElseThrow()).startsWith("Cannot use CUDA: ");
    assertThatThrownBy(() -> DlrmModels.open(Path.of("m"), Backend.CUDA, Precision.FP32))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(why.orElseThrow());
    assertThat(DlrmModels.whyUnavailable(Backend.CPU)).isEmpty();
  }
}
