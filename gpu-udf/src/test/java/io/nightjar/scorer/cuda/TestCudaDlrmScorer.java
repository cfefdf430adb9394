package io.nightjar.scorer.cuda;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static io.nightjar.model.DlrmConfig.Family.TORCHREC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.CudaException;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.KernelImage;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.ReferenceDlrm;
import io.nightjar.testing.Samples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only this backend does; TestCudaFp32 and TestCudaBf16 test what all of them do. */
@Tag("gpu")
class TestCudaDlrmScorer {
  private static final Interaction LOWER = new Interaction.Dot(Pairs.LOWER);

  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @TempDir Path temp;

  /** The same bits in batches of 1, of 33 and of 65,536, and wherever in them. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void scoresDoNotDependOnALargeBatch(Precision precision) {
    int rows = 65_536;
    DlrmConfig config = of26Tables();
    Samples samples = Samples.oneHot(config, rows, 1);
    RandomModel.write(config, 1, temp);
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, precision);
        DlrmScorer large = model.newScorer(rows);
        DlrmScorer small = model.newScorer(33)) {
      float[] expected = score(large, samples, IntStream.range(0, rows).toArray());
      for (float logit : expected) {
        assertThat(logit).isNotNaN();
      }
      int[] backwards = IntStream.range(0, rows).map(i -> rows - 1 - i).toArray();
      float[] reversed = score(large, samples, backwards);
      for (int i = 0; i < rows; i++) {
        if (reversed[i] != expected[backwards[i]]) {
          assertThat(reversed[i]).as("row %d", backwards[i]).isEqualTo(expected[backwards[i]]);
        }
      }
      for (int row : new int[] {0, 127, 128, 40_000, rows - 1}) {
        assertThat(score(small, samples, row)).containsExactly(expected[row]);
        int first = Math.min(row, rows - 33);
        assertThat(score(small, samples, IntStream.range(first, first + 33).toArray()))
            .containsExactly(Arrays.copyOfRange(expected, first, first + 33));
      }
    }
  }

  /** Rows with one id everywhere are gathered; beside a row that has more they are pooled. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void gatheredRowsScoreAsPooledOnes(Precision precision) {
    for (Interaction interaction : List.of(LOWER, new Interaction.Cat())) {
      DlrmConfig config =
          Models.of(
              DLRM,
              3,
              List.of(20),
              List.of(9, 40, 5),
              20,
              Pooling.MEAN,
              interaction,
              List.of(7, 1));
      Path folder = temp.resolve(interaction.getClass().getSimpleName());
      Samples samples = Samples.oneHot(config, 50, 2);
      samples.add(new float[] {1, 2, 3}, new int[][] {{1, 8}, {}, {4, 4, 0}});
      RandomModel.write(config, 2, folder);
      try (CudaDlrmModel model = CudaDlrmModel.open(folder, precision);
          DlrmScorer scorer = model.newScorer(51)) {
        float[] gathered = score(scorer, samples, IntStream.range(0, 50).toArray());
        float[] pooled = score(scorer, samples, IntStream.range(0, 51).toArray());
        assertThat(gathered).containsExactly(Arrays.copyOf(pooled, 50));
        assertThat(pooled[50]).isNotNaN();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 254})
  void gatheredRowIdOutsideItsTable(int id) {
    DlrmConfig config =
        Models.of(DLRM, 1, List.of(8), List.of(9, 40), 8, Pooling.SUM, LOWER, List.of(1));
    Samples samples = Samples.oneHot(config, 40, 3);
    samples.add(new float[] {1}, new int[][] {{0}, {id}});
    samples.add(new float[] {1}, new int[][] {{0}, {id}});
    RandomModel.write(config, 3, temp);
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, Precision.FP32);
        DlrmScorer scorer = model.newScorer(42)) {
      float[] expected = score(scorer, samples, IntStream.range(0, 40).toArray());
      assertThatThrownBy(() -> score(scorer, samples, IntStream.range(0, 42).toArray()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid row id of sparse feature s1 in row 40: "
                  + id
                  + ", expected 0 to 39 (num_embeddings 40)");
      assertThat(score(scorer, samples, IntStream.range(0, 40).toArray()))
          .containsExactly(expected);
    }
  }

  /** Activations past fp16's range, one row's only: right, and no other row's bits change. */
  @ParameterizedTest
  @CsvSource({
    "FP32, 1e3", "FP32, 1e5", "FP32, 1e8", "FP32, 1e12", "FP32, 1e20", "FP32, 1e30",
    "BF16, 1e3", "BF16, 1e5", "BF16, 1e8", "BF16, 1e12", "BF16, 1e20", "BF16, 1e30"
  })
  void activationsOfAnySize(Precision precision, float dense) {
    DlrmConfig config =
        Models.of(
            DLRM,
            3,
            List.of(20, 8),
            List.of(9, 40),
            8,
            Pooling.SUM,
            new Interaction.Cat(),
            List.of(33, 1));
    RandomModel.write(config, 4, temp);
    ReferenceDlrm reference = new ReferenceDlrm(temp);
    Samples samples = Samples.oneHot(config, 40, 4);
    samples.add(new float[] {dense, -dense / 3, dense}, new int[][] {{0}, {1, 2}});
    samples.add(new float[] {-dense, dense, 1}, new int[][] {{0}, {3}});
    double tolerance = precision == Precision.FP32 ? 1e-5 : 1e-2;
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, precision);
        DlrmScorer scorer = model.newScorer(42)) {
      float[] expected = score(scorer, samples, IntStream.range(0, 40).toArray());
      float[] logits = score(scorer, samples, IntStream.range(0, 42).toArray());
      assertThat(Arrays.copyOf(logits, 40)).containsExactly(expected);
      for (int row = 0; row < 42; row++) {
        double logit = reference.logit(samples.dense(row), samples.bags(row));
        assertThat((double) logits[row])
            .as("row %d", row)
            .isCloseTo(logit, within(2 * tolerance * (1 + Math.abs(logit))));
        assertThat((double) scorer.scores().get(row))
            .isCloseTo(ReferenceDlrm.sigmoid(logit), within(tolerance));
      }
    }
  }

  @Test
  @Tag("memory")
  void opensASmallerScorerWhereMemoryIsShort() {
    DlrmConfig config = of26Tables();
    RandomModel.write(config, 6, temp);
    Samples samples = Samples.oneHot(config, 40, 6);
    int[] all = IntStream.range(0, 40).toArray();
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, Precision.FP32)) {
      float[] expected;
      try (DlrmScorer scorer = model.newScorer(40)) {
        expected = score(scorer, samples, all);
      }
      try (Taken taken = allBut(1L << 30);
          DlrmScorer scorer = model.newScorer(1 << 17)) {
        assertThat(taken.pieces()).isNotEmpty();
        assertThat(scorer.batch().capacity()).isBetween(1 << 13, 1 << 16);
        assertThat(score(scorer, samples, all)).containsExactly(expected);
      }
      try (Taken taken = allBut(4L << 20)) {
        assertThat(taken.pieces()).isNotEmpty();
        int open = model.context().openResources();
        assertThatThrownBy(() -> model.newScorer(5_000))
            .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.outOfMemory()).isTrue());
        assertThat(model.context().openResources()).isEqualTo(open);
      }
    }
  }

  @Test
  @Tag("memory")
  void aModelThatDoesNotFit() {
    DlrmConfig config = of26Tables();
    RandomModel.write(config, 6, temp);
    try (Taken taken = allBut(4L << 20)) {
      assertThat(taken.pieces()).isNotEmpty();
      // 26 tables x 1000 rows x 128; the weights are padded to tiles of 128 x 64.
      assertThatThrownBy(() -> CudaDlrmModel.open(temp, Precision.FP32))
          .isInstanceOf(BackendUnavailableException.class)
          .hasMessageMatching(
              "Cannot load model test on "
                  + CONTEXT.context().device()
                  + ": it takes \\d+ bytes of device memory \\(tables 13312000, layers \\d+,"
                  + " staging 4194304\\), of which \\d+ are free");
    }
  }

  /**
   * Takes the device's memory but for some {@code bytes}, in pieces that get smaller: what the
   * driver needs to map a large one it takes of the rest.
   */
  private static Taken allBut(long bytes) {
    Taken taken = new Taken(CONTEXT.context(), new ArrayList<>());
    for (long piece = 64L << 30; piece >= 2L << 20; piece /= 2) {
      boolean given = true;
      while (given && taken.context().freeBytes() >= bytes + piece) {
        given = taken.take(piece);
      }
    }
    return taken;
  }

  private record Taken(CudaContext context, List<DeviceBuffer> pieces) implements AutoCloseable {
    boolean take(long bytes) {
      try {
        return pieces.add(DeviceBuffer.allocate(context, "taken", bytes));
      } catch (CudaException e) {
        assertThat(e.outOfMemory()).isTrue();
        return false;
      }
    }

    @Override
    public void close() {
      pieces.forEach(DeviceBuffer::close);
    }
  }

  static Stream<Arguments> shapesForPtx() {
    return Stream.of(
        Arguments.of(Precision.FP32, DLRM, LOWER, 1e-5),
        Arguments.of(Precision.BF16, TORCHREC, new Interaction.Cross(2, 9), 1e-2));
  }

  /** Chips to come run the PTX. */
  @ParameterizedTest
  @MethodSource("shapesForPtx")
  void scoresThroughPtx(
      Precision precision, DlrmConfig.Family family, Interaction interaction, double tolerance) {
    DlrmConfig config =
        Models.of(
            family,
            13,
            List.of(140, 24),
            List.of(9, 40, 300),
            24,
            Pooling.SUM,
            interaction,
            List.of(300, 65, 1));
    RandomModel.write(config, 7, temp);
    ReferenceDlrm reference = new ReferenceDlrm(temp);
    Samples samples = Samples.random(config, 300, 5, 7);
    CudaDevice device = CudaDevice.get(0);
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, precision, device, KernelImage.COMPUTE_80);
        DlrmScorer scorer = model.newScorer(300)) {
      float[] logits = score(scorer, samples, IntStream.range(0, 300).toArray());
      for (int row = 0; row < 300; row++) {
        double logit = reference.logit(samples.dense(row), samples.bags(row));
        assertThat((double) logits[row])
            .as("row %d", row)
            .isCloseTo(logit, within(tolerance * (1 + Math.abs(logit))));
      }
      assertThat(score(scorer, samples, 299)).containsExactly(logits[299]);
    }
  }

  @Test
  void tooManyVectorsForDot() {
    DlrmConfig config =
        Models.of(
            DLRM, 1, List.of(4), Collections.nCopies(800, 2), 4, Pooling.SUM, LOWER, List.of(1));
    RandomModel.write(config, 8, temp);
    assertThatThrownBy(() -> CudaDlrmModel.open(temp, Precision.BF16))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageStartingWith("Cannot compute dot products of 801 vectors of 4 elements on ")
        .hasMessageEndingWith("(at most 768 vectors)");
  }

  private static DlrmConfig of26Tables() {
    return Models.of26Tables(1000);
  }

  /** The logits of {@code rows}, in one batch. */
  private static float[] score(DlrmScorer scorer, Samples samples, int... rows) {
    FeatureBatch batch = scorer.batch();
    samples.fill(batch, rows);
    scorer.submit();
    scorer.await();
    float[] logits = new float[rows.length];
    scorer.logits().get(0, logits);
    return logits;
  }
}
