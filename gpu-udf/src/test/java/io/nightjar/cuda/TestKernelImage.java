package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TestKernelImage {

  @ParameterizedTest
  @CsvSource({
    "8, 0, SM_80",
    "8, 6, SM_80",
    "8, 9, SM_80",
    "9, 0, SM_90A",
    "9, 1, COMPUTE_80",
    "10, 0, COMPUTE_80",
    "12, 1, COMPUTE_80"
  })
  void goesByComputeCapability(int major, int minor, KernelImage image) {
    assertThat(KernelImage.of(device(major, minor))).isEqualTo(image);
  }

  @Test
  void refusesOldDevices() {
    assertThatThrownBy(() -> KernelImage.of(device(7, 5)))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessage(
            "Cannot use CUDA: device 0, Chip, compute capability 7.5 is too old, expected 8.0 or"
                + " higher");
  }

  @ParameterizedTest
  @EnumSource
  void endsWithAZero(KernelImage image) {
    assumeThat(KernelImage.inThisJar()).as("built with nvcc").isTrue();
    byte[] bytes = image.read();
    assertThat(bytes).hasSizeGreaterThan(1000);
    assertThat(bytes[bytes.length - 1]).isZero();
    assertThat(bytes[0]).isEqualTo((byte) (image == KernelImage.COMPUTE_80 ? '/' : 0x7f));
  }

  private static CudaDevice device(int major, int minor) {
    return new CudaDevice(0, "Chip", major, minor, 1L << 34, 108, 166_912, 40 << 20);
  }
}
