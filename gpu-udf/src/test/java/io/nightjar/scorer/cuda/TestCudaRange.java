package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.KernelImage;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Fp32ScorerSuite;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bags whose ids are walked by range score as others do. */
@Tag("gpu")
class TestCudaRange extends Fp32ScorerSuite {
  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @Override
  protected DlrmModel open(Path folder) {
    CudaDevice device = CudaDevice.get(0);
    EmbeddingBags bags = EmbeddingBags.of(EmbeddingBagVariant.RANGE);
    return CudaDlrmModel.open(folder, Precision.FP32, device, KernelImage.of(device), bags);
  }
}
