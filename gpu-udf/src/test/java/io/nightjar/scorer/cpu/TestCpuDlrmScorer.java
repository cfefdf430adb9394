package io.nightjar.scorer.cpu;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.nightjar.golden.Golden;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Fp32ScorerSuite;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.Samples;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TestCpuDlrmScorer extends Fp32ScorerSuite {
  @Override
  protected DlrmModel open(Path folder) {
    return DlrmModels.open(folder, Backend.CPU, Precision.FP32);
  }

  @Test
  void scoringAllocatesNothing() {
    DlrmConfig config =
        model(
            DLRM,
            4,
            List.of(16),
            List.of(50, 60),
            16,
            new Interaction.Dot(Pairs.LOWER),
            List.of(8, 1));
    Samples samples = Samples.random(config, 600, 3, 1);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (DlrmModel model = open(RandomModel.write(config, 1, temp));
        DlrmScorer scorer = model.newScorer(600)) {
      samples.fill(scorer.batch(), IntStream.range(0, 600).toArray());
      scorer.submit(); // loads classes and libraries
      long before = threads.getCurrentThreadAllocatedBytes();
      scorer.submit();
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
    }
  }

  /** What is foretold without opening a model is what it takes, and all of it is given back. */
  @ParameterizedTest
  @MethodSource("goldens")
  void takesAsMuchMemoryAsForetold(String name) {
    Path folder = Golden.copy(name, temp).folder();
    CpuDlrmModel model = CpuDlrmModel.open(folder);
    CpuDlrmScorer scorer = (CpuDlrmScorer) model.newScorer(10);
    long bytes = model.arena().bytes() + 3 * scorer.arena().bytes();
    assertThat(DlrmModels.nativeBytes(Backend.CPU, model.config(), 3)).isEqualTo(bytes);
    scorer.close();
    assertThat(scorer.arena().bytes()).isZero();
    model.close();
    assertThat(model.arena().bytes()).isZero();
  }
}
