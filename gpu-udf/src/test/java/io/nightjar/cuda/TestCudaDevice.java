package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestCudaDevice extends OnDevice {

  @Test
  void describesTheDevice() {
    CudaDevice device = CudaDevice.get(0);
    assertThat(device.ordinal()).isZero();
    assertThat(device.name()).isNotBlank().doesNotContain("\0");
    assertThat(device.major()).isGreaterThanOrEqualTo(8);
    assertThat(device.memoryBytes()).isGreaterThan(4L << 30);
    assertThat(device.multiprocessors()).isPositive();
    assertThat(device.sharedBytesPerBlock()).isGreaterThanOrEqualTo(99 << 10);
    assertThat(device.l2Bytes()).isGreaterThan(1 << 20);
    assertThat(device)
        .hasToString(
            "device 0, %s, compute capability %d.%d"
                .formatted(device.name(), device.major(), device.minor()));
    assertThat(context.device()).isEqualTo(device);
    assertThat(context.freeBytes()).isBetween(1L << 30, device.memoryBytes());
  }

  @Test
  void refusesADeviceThatIsNotThere() {
    assertThatThrownBy(() -> CudaDevice.get(1000))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageMatching(
            "Cannot use CUDA: the NVIDIA driver shows \\d+ devices, device 1000 is not among them");
  }

  @Test
  void saysThatTheDriverShowsNoDevice() throws IOException {
    ChildJvm child =
        ChildJvm.start(
            PrintAvailability.class,
            ChildJvm.classPath(),
            List.of(),
            Map.of("CUDA_VISIBLE_DEVICES", "-1"));
    assertThat(child.output())
        .isEqualTo(
            "Cannot use CUDA: the NVIDIA driver shows no device, CUDA_VISIBLE_DEVICES is \"-1\"");
  }
}
