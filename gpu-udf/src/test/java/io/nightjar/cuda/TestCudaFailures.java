package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Failures provoked for real. */
class TestCudaFailures extends OnDevice {

  @Test
  @Tag("memory")
  void outOfMemoryLeavesTheRestUsable() {
    long most = context.freeBytes() / 4 * 3;
    try (DeviceBuffer first = DeviceBuffer.allocate(context, "most of it", most)) {
      Throwable refused =
          catchThrowable(() -> DeviceBuffer.allocate(context, "as much again", first.bytes()));
      assertThat(refused)
          .isInstanceOf(CudaException.class)
          .hasMessageMatching(
              "Cannot allocate device buffer as much again \\("
                  + most
                  + " bytes\\), \\d+ bytes are free: CUDA_ERROR_OUT_OF_MEMORY \\(2\\)");
      assertThat(((CudaException) refused).outOfMemory()).isTrue();
      DeviceBuffer.allocate(context, "a little", 1 << 20).close();
    }
    DeviceBuffer.allocate(context, "as much again", most).close();
  }

  /** A fault poisons its process, so it happens in another one; not under compute-sanitizer. */
  @Test
  @Tag("fault")
  void anIllegalAddressIsFatal() throws IOException {
    ChildJvm child =
        ChildJvm.start(ReadFarPastTheEnd.class, ChildJvm.classPath(), List.of(), Map.of());
    assertThat(child.output())
        .isEqualTo(
            """
            Cannot finish the work of a stream: CUDA_ERROR_ILLEGAL_ADDRESS (700)
            Cannot allocate device buffer one more (32 bytes): CUDA_ERROR_ILLEGAL_ADDRESS (700)
            """);
  }

  /** Has the kernel read gigabytes of ids where there are 128 bytes of them. */
  static final class ReadFarPastTheEnd {
    private ReadFarPastTheEnd() {}

    public static void main(String[] args) {
      CudaContext context = CudaContext.open(CudaDevice.get(0));
      IdCheck check = IdCheck.open(context, KernelImage.of(context.device()), 32);
      check.fill(32);
      check.count(Integer.MAX_VALUE);
      check.launch(LaunchShape.of(1024, 256));
      printFatal(check.stream()::await);
      printFatal(() -> DeviceBuffer.allocate(context, "one more", 32));
    }

    private static void printFatal(Runnable call) {
      try {
        call.run();
        System.out.println("no failure");
      } catch (FatalCudaException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void closingNamesWhatWasLeftOpen() {
    CudaContext leaking = CudaContext.open(context.device());
    DeviceBuffer weights = DeviceBuffer.allocate(leaking, "weights", 4096);
    CudaEvent event = CudaEvent.open(leaking);
    assertThat(leaking.openResources()).isEqualTo(2);
    assertThatThrownBy(leaking::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot close the CUDA context of "
                + context.device()
                + " in order: still open are device buffer weights (4096 bytes), event");
    leaking.close();
    assertThatThrownBy(weights::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot use the CUDA context of " + context.device() + ": it is closed");
    assertThatThrownBy(event::isDone).isInstanceOf(IllegalStateException.class);
  }
}
