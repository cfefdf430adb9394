package io.nightjar.scorer.cuda;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.KernelImage;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.HotRows;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.Samples;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever pools the bags, scores are the same: but for range, to the bit. */
@Tag("gpu")
class TestCudaVariants {
  private static final int ROWS = 500;
  private static final DlrmConfig CONFIG = config(Pooling.SUM);

  private static final Map<Written, float[]> EXPECTED = new HashMap<>();

  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @TempDir static Path models;
  @TempDir Path temp;

  private record Written(DlrmConfig config, DType rows, Path folder) {}

  private static DlrmConfig config(Pooling pooling) {
    return Models.of(
        DLRM,
        3,
        List.of(16),
        List.of(900, 40, 1, 70_000),
        16,
        pooling,
        new Interaction.Dot(Pairs.LOWER),
        List.of(24, 1));
  }

  /** Models of every pooling and type of rows, and the logits that tbe gives. */
  @BeforeAll
  static void write() {
    for (Pooling pooling : Pooling.values()) {
      for (DType rows : List.of(DType.F32, DType.F16)) {
        Written model = new Written(config(pooling), rows, models.resolve(pooling + "-" + rows));
        RandomModel.write(model.config(), rows, DType.F32, 3, model.folder());
        EXPECTED.put(model, logits(model, EmbeddingBags.of(EmbeddingBagVariant.TBE)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyVariantGivesTheSameScores(EmbeddingBagVariant variant) {
    EXPECTED.forEach(
        (model, expected) -> {
          if (variant.whyNot(Precision.FP32, model.rows()).isEmpty()) {
            float[] actual = logits(model, bags(model.config(), variant, false));
            if (variant == EmbeddingBagVariant.RANGE) {
              assertThat(actual)
                  .containsExactly(expected, Offset.offset(1e-5f * largest(expected)));
              assertThat(logits(model, EmbeddingBags.of(variant))).containsExactly(actual);
            } else {
              assertThat(actual).containsExactly(expected);
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "BASE", "L2P", "TBE_L2P"})
  void hotRowsMayComeFirst(EmbeddingBagVariant variant) {
    EXPECTED.forEach(
        (model, expected) ->
            assertThat(logits(model, bags(model.config(), variant, true)))
                .containsExactly(expected));
  }

  /** One walk for short bags and one for long ones, each chosen once, by every walk's time. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void autoMeasuresTheFirstBatchOfEachKind(Precision precision) {
    RandomModel.write(CONFIG, 3, temp);
    Samples shortBags = Samples.random(CONFIG, ROWS, 9, 1);
    Samples longBags = Samples.random(CONFIG, ROWS, 300, 2);
    try (CudaDlrmModel auto = CudaDlrmModel.open(temp, precision);
        CudaDlrmModel fixed = open(temp, precision, EmbeddingBags.of(EmbeddingBagVariant.TBE));
        DlrmScorer measured = auto.newScorer(ROWS);
        DlrmScorer another = auto.newScorer(ROWS);
        DlrmScorer given = fixed.newScorer(ROWS)) {
      assertThat(auto.hardware().kernelTimes()).isEmpty();
      for (Samples samples : List.of(shortBags, longBags, shortBags, longBags)) {
        float[] expected = logits(given, samples);
        assertThat(logits(measured, samples)).containsExactly(expected);
        assertThat(logits(another, samples)).containsExactly(expected);
      }
      String times = " \\(short .* us, long .* us, deep .* us, lines .* us\\)";
      assertThat(auto.hardware().kernelTimes())
          .satisfiesExactly(
              ofShort -> assertThat(ofShort).matches("bags of 4\\.. ids .*: .*" + times),
              ofLong -> assertThat(ofLong).matches("bags of 1[45].\\.. ids .*: .*" + times));
      assertThat(auto.hardware().kernelVariant()).isEqualTo("auto");
      assertThat(fixed.hardware().kernelTimes()).isEmpty();
    }
  }

  /** Measuring checks the ids in place; what was wrong with them is told all the same. */
  @Test
  void autoHidesNoBadId() {
    RandomModel.write(CONFIG, 3, temp);
    Samples samples = Samples.random(CONFIG, ROWS, 9, 1);
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, Precision.FP32);
        DlrmScorer scorer = model.newScorer(ROWS)) {
      samples.fill(scorer.batch(), IntStream.range(0, ROWS).toArray());
      FeatureBatch batch = scorer.batch();
      batch.sparse(3).ids().put(0, 70_000);
      scorer.submit();
      assertThatThrownBy(scorer::await)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("70000, expected 0 to 69999");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BASE, BF16, F32, 'it sums in fp32 only, the precision is BF16'",
    "SMPF, FP32, F16, it has no kernel for rows of F16",
    "TBE_ORDER, FP32, BF16, it has no kernel for rows of BF16"
  })
  void whatItCannotPoolIsRefused(
      EmbeddingBagVariant variant, Precision precision, DType rows, String why) {
    RandomModel.write(CONFIG, rows, DType.F32, 3, temp);
    assertThatThrownBy(() -> open(temp, precision, EmbeddingBags.of(variant)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot pool bags of table %s by %s: %s", CONFIG.tables().get(0).name(), variant, why);
  }

  private static float largest(float[] logits) {
    float largest = 0;
    for (float logit : logits) {
      largest = Math.max(largest, Math.abs(logit));
    }
    return largest;
  }

  private static EmbeddingBags bags(
      DlrmConfig config, EmbeddingBagVariant variant, boolean reorder) {
    return new EmbeddingBags(variant, HotRows.some(config), reorder);
  }

  private static CudaDlrmModel open(Path folder, Precision precision, EmbeddingBags bags) {
    CudaDevice device = CudaDevice.get(0);
    return CudaDlrmModel.open(folder, precision, device, KernelImage.of(device), bags);
  }

  /** Of batches of long bags, of bags around every prefetch distance, and of one id a bag. */
  private static float[] logits(Written written, EmbeddingBags bags) {
    float[] all = new float[3 * ROWS];
    DlrmConfig config = written.config();
    try (CudaDlrmModel model = open(written.folder(), Precision.FP32, bags);
        DlrmScorer scorer = model.newScorer(ROWS)) {
      List<Samples> batches =
          List.of(
              Samples.random(config, ROWS, 300, 1),
              Samples.random(config, ROWS, 35, 2),
              Samples.oneHot(config, ROWS, 3));
      for (int i = 0; i < batches.size(); i++) {
        System.arraycopy(logits(scorer, batches.get(i)), 0, all, i * ROWS, ROWS);
      }
    }
    return all;
  }

  private static float[] logits(DlrmScorer scorer, Samples samples) {
    samples.fill(scorer.batch(), IntStream.range(0, ROWS).toArray());
    scorer.submit();
    scorer.await();
    float[] logits = new float[ROWS];
    scorer.logits().get(0, logits);
    return logits;
  }
}
