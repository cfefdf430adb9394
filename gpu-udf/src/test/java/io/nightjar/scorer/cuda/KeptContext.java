package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaDevice;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails where there is no device, and keeps a context open meanwhile: making the first one in a
 * process takes longer than most tests.
 */
final class KeptContext implements BeforeAllCallback, AfterAllCallback {
  private CudaContext context;

  @Override
  public void beforeAll(ExtensionContext tests) {
    assertThat(CudaDevice.whyUnavailable(0)).as("why there is no CUDA device").isEmpty();
    context = CudaContext.open(CudaDevice.get(0));
  }

  /** Memory of tests' own is allocated here. */
  CudaContext context() {
    return context;
  }

  @Override
  public void afterAll(ExtensionContext tests) {
    if (context != null) {
      context.close();
    }
  }
}
