package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.KernelImage;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Fp32ScorerSuite;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.HotRows;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables whose hot rows come first score as others do. */
@Tag("gpu")
class TestCudaReordered extends Fp32ScorerSuite {
  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @Override
  protected DlrmModel open(Path folder) {
    CudaDevice device = CudaDevice.get(0);
    ModelInfo info = ModelInfo.read(ModelFolder.local(folder));
    EmbeddingBags bags =
        new EmbeddingBags(EmbeddingBagVariant.AUTO, HotRows.some(info.config()), true);
    return CudaDlrmModel.open(folder, Precision.FP32, device, KernelImage.of(device), bags);
  }
}
