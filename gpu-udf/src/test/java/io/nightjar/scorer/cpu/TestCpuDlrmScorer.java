package io.nightjar.scorer.cpu;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorerSuite;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;

class TestCpuDlrmScorer extends DlrmScorerSuite {
  @Override
  protected DlrmModel open(Path folder) {
    return DlrmModels.open(folder, Backend.CPU, Precision.FP32);
  }
}
