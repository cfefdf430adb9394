package io.nightjar.scorer.cuda;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static io.nightjar.model.DlrmConfig.Family.TORCHREC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.KernelImage;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.HotRows;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.Samples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** However many scorers there are, the device holds the batches of three. */
@Tag("gpu")
class TestScoringStreams {
  private static final int ROWS = 300;
  private static final int SCORERS = 17;

  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @TempDir Path temp;

  static Stream<DlrmConfig> shapes() {
    Interaction lower = new Interaction.Dot(Pairs.LOWER);
    List<Integer> rows = List.of(900, 40, 1, 70_000);
    List<Integer> top = List.of(24, 1);
    return Stream.of(
        Models.of(DLRM, 3, List.of(20, 16), rows, 16, Pooling.SUM, lower, top),
        Models.of(DLRM, 0, List.of(), rows, 20, Pooling.MEAN, new Interaction.Cat(), List.of(1)),
        Models.of(TORCHREC, 2, List.of(9), rows, 7, Pooling.SUM, new Interaction.Cross(2, 5), top),
        Models.of26Tables(1_000));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void deviceMemoryDoesNotDependOnTheNumberOfScorers(DlrmConfig config) {
    RandomModel.write(config, 1, temp);
    for (Precision precision : Precision.values()) {
      for (boolean reorder : List.of(false, true)) {
        try (CudaDlrmModel model = open(config, precision, reorder)) {
          CudaContext context = model.context();
          long weights = context.deviceBytes();
          int open = context.openResources();
          long streams = model.memory(ROWS).ofAllStreams();
          List<DlrmScorer> scorers = new ArrayList<>();
          for (int s = 0; s < SCORERS; s++) {
            scorers.add(model.newScorer(ROWS));
            assertThat(context.deviceBytes() - weights).isEqualTo(streams);
          }
          scorers.forEach(DlrmScorer::close);
          assertThat(context.deviceBytes()).isEqualTo(weights);
          assertThat(context.openResources()).isEqualTo(open);
        }
      }
    }
  }

  /** All have a batch under way at the same time, of long bags; one's is bad. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void moreScorersThanStreams(Precision precision) {
    DlrmConfig config = shapes().findFirst().orElseThrow();
    RandomModel.write(config, 2, temp);
    Samples samples = Samples.random(config, ROWS + SCORERS, 40, 2);
    try (CudaDlrmModel model = open(config, precision, false)) {
      List<DlrmScorer> scorers =
          Stream.generate(() -> model.newScorer(ROWS)).limit(SCORERS).toList();
      List<float[]> expected = new ArrayList<>();
      for (int s = 0; s < SCORERS; s++) {
        samples.fill(scorers.get(0).batch(), rows(s));
        scorers.get(0).submit();
        expected.add(logits(scorers.get(0)));
      }
      long device = 0;
      for (int round = 0; round < 20; round++) {
        int bad = round % SCORERS;
        for (int s = 0; s < SCORERS; s++) {
          samples.fill(scorers.get(s).batch(), rows(s));
          if (s == bad) {
            scorers.get(s).batch().sparse(3).ids().put(0, 70_000);
          }
        }
        scorers.forEach(DlrmScorer::submit);
        for (int s = 0; s < SCORERS; s++) {
          if (s == bad) {
            assertThatThrownBy(scorers.get(s)::await)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("70000, expected 0 to 69999");
          } else {
            assertThat(logits(scorers.get(s))).as("scorer %d", s).containsExactly(expected.get(s));
          }
        }
        device = round == 0 ? model.context().deviceBytes() : device;
        assertThat(model.context().deviceBytes()).isEqualTo(device);
      }
      scorers.forEach(DlrmScorer::close);
    }
  }

  /** A scorer is closed with its batch under way, and the others do not notice. */
  @Test
  void closingAScorerHarmsNoOther() {
    DlrmConfig config = shapes().findFirst().orElseThrow();
    RandomModel.write(config, 3, temp);
    Samples samples = Samples.random(config, ROWS, 9, 3);
    try (CudaDlrmModel model = open(config, Precision.FP32, false);
        DlrmScorer kept = model.newScorer(ROWS)) {
      samples.fill(kept.batch(), IntStream.range(0, ROWS).toArray());
      kept.submit();
      float[] expected = logits(kept);
      for (int round = 0; round < 10; round++) {
        DlrmScorer other = model.newScorer(ROWS);
        samples.fill(other.batch(), IntStream.range(0, ROWS).toArray());
        other.submit();
        kept.submit();
        other.close();
        assertThat(logits(kept)).containsExactly(expected);
      }
    }
  }

  @Test
  void capacitiesHaveStreamsOfTheirOwn() {
    DlrmConfig config = shapes().findFirst().orElseThrow();
    RandomModel.write(config, 4, temp);
    try (CudaDlrmModel model = open(config, Precision.FP32, false)) {
      long weights = model.context().deviceBytes();
      assertThat(model.hardware().deviceMemory()).matches("weights \\d+ bytes");
      DlrmScorer small = model.newScorer(40);
      DlrmScorer large = model.newScorer(ROWS);
      StreamMemory ofLarge = model.memory(ROWS);
      assertThat(model.context().deviceBytes() - weights)
          .isEqualTo(model.memory(40).ofAllStreams() + ofLarge.ofAllStreams());
      assertThat(model.hardware().deviceMemory())
          .matches("weights \\d+ bytes; batches of 300 rows: .*")
          .endsWith(ofLarge.toString());
      small.close();
      assertThat(model.context().deviceBytes() - weights).isEqualTo(ofLarge.ofAllStreams());
      large.close();
    }
  }

  @Test
  void aBatchSizeThatDoesNotFit() {
    DlrmConfig config = Models.of26Tables(1_000);
    RandomModel.write(config, 5, temp);
    try (CudaDlrmModel model = open(config, Precision.FP32, false)) {
      assertThat(model.preferredBatchSize()).isEqualTo(CudaDlrmModel.PREFERRED_BATCH);
      model.checkBatchSize(CudaDlrmModel.PREFERRED_BATCH);
      assertThatThrownBy(() -> model.checkBatchSize(1 << 29))
          .isInstanceOf(BackendUnavailableException.class)
          .hasMessageMatching(
              "Cannot score batches of 536870912 rows with model test on "
                  + CONTEXT.context().device()
                  + ": 3 streams take 3 x \\d+ = \\d+ bytes \\(inputs \\d+, vectors \\d+,"
                  + " activations \\d+\\), of which \\d+ are free");
    }
  }

  private CudaDlrmModel open(DlrmConfig config, Precision precision, boolean reorder) {
    CudaDevice device = CudaDevice.get(0);
    EmbeddingBags bags =
        reorder
            ? new EmbeddingBags(EmbeddingBagVariant.TBE, HotRows.some(config), true)
            : EmbeddingBags.of(EmbeddingBagVariant.TBE);
    return CudaDlrmModel.open(temp, precision, device, KernelImage.of(device), bags);
  }

  private static int[] rows(int first) {
    return IntStream.range(first, first + ROWS).toArray();
  }

  private static float[] logits(DlrmScorer scorer) {
    scorer.await();
    float[] logits = new float[scorer.batch().rows()];
    scorer.logits().get(0, logits);
    return logits;
  }
}
