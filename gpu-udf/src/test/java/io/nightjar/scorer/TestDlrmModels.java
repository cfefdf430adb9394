package io.nightjar.scorer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestDlrmModels {
  @Test
  void cpuComputesInFp32Only() {
    assertThatThrownBy(() -> DlrmModels.open(Path.of("m"), Backend.CPU, Precision.BF16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid precision for backend CPU: BF16, expected FP32");
  }

  @Test
  void thisBuildHasNoCuda() {
    assertThatThrownBy(() -> DlrmModels.open(Path.of("m"), Backend.CUDA, Precision.FP32))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("Cannot open backend CUDA: this build of Nightjar has the CPU backend only");
  }
}
