package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.Fp32ScorerSuite;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Closing a model closes its context, which fails if anything is left open in it. */
@Tag("gpu")
class TestCudaFp32 extends Fp32ScorerSuite {
  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @Override
  protected DlrmModel open(Path folder) {
    DlrmModel model = DlrmModels.open(folder, Backend.CUDA, Precision.FP32);
    assertThat(model.backend()).isEqualTo(Backend.CUDA);
    return model;
  }
}
