package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jcuda.driver.CUresult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestCudaResult {

  @Test
  void successPasses() {
    CudaResult.check(CUresult.CUDA_SUCCESS, () -> "do it");
  }

  @Test
  void refusalsMayBeTriedAgain() {
    assertThatThrownBy(() -> CudaResult.check(1, () -> "launch kernel sum"))
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.outOfMemory()).isFalse())
        .hasMessage("Cannot launch kernel sum: CUDA_ERROR_INVALID_VALUE (1)");
  }

  @Test
  void outOfMemoryIsTold() {
    assertThatThrownBy(() -> CudaResult.check(2, () -> "allocate weights"))
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.outOfMemory()).isTrue())
        .hasMessage("Cannot allocate weights: CUDA_ERROR_OUT_OF_MEMORY (2)");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {4, 214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 911, 999})
  void faultsAreFatal(int result) {
    assertThat(CudaResult.failure(result, "wait")).isInstanceOf(FatalCudaException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 100, 200, 201, 209, 218, 400, 500, 600, 701, 801, 802, 805, 901})
  void otherErrorsAreNot(int result) {
    assertThat(CudaResult.failure(result, "wait")).isInstanceOf(CudaException.class);
  }

  @Test
  void namesFaultsThatJcudaDoesNotKnow() {
    assertThat(CudaResult.failure(721, "wait"))
        .hasMessage("Cannot wait: CUDA_ERROR_CONTAINED (721)");
  }
}
