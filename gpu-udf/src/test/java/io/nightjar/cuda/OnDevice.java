package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Tests on device 0: they fail where there is none, and when one of them leaves something open. */
@Tag("gpu")
abstract class OnDevice {
  static CudaContext context;

  @BeforeAll
  static void openContext() {
    assertThat(CudaDevice.whyUnavailable(0)).as("why there is no CUDA device").isEmpty();
    context = CudaContext.open(CudaDevice.get(0));
  }

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(context.openResources()).isZero();
  }

  @AfterAll
  static void closeContext() {
    if (context != null) {
      context.close();
    }
  }

  /** Bytes that differ from one another and from zero now and then. */
  static void fillWithPattern(ByteBuffer buffer, int seed) {
    for (int i = 0; i < buffer.capacity(); i++) {
      buffer.put(i, patternAt(i, seed));
    }
  }

  static byte patternAt(int i, int seed) {
    return (byte) (((i + seed) * 0x9e37_79b1) >>> 24);
  }
}
