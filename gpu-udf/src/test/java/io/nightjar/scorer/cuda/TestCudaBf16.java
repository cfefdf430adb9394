package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.golden.Golden;
import io.nightjar.golden.GoldenRows;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorerSuite;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@Tag("gpu")
class TestCudaBf16 extends DlrmScorerSuite {
  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  static final List<String> GOLDENS = Golden.NAMES;

  @Override
  protected DlrmModel open(Path folder) {
    DlrmModel model = DlrmModels.open(folder, Backend.CUDA, Precision.BF16);
    assertThat(model.backend()).isEqualTo(Backend.CUDA);
    return model;
  }

  /** Models of any shape and size: errors are small beside the logits. */
  @Override
  protected void assertAgrees(Scored scored, List<Double> scores, List<Double> logits) {
    double square = logits.stream().mapToDouble(logit -> logit * logit).average().orElseThrow();
    assertThat(largestError(scored.logits(), logits)).isLessThan(0.05 * Math.sqrt(square));
  }

  /** Models as they are trained: errors are small beside how logits differ from one another. */
  @ParameterizedTest
  @FieldSource("GOLDENS")
  void errorsAreSmallBesideTheSpreadOfLogits(String name) {
    Golden golden = Golden.copy(name, temp);
    try (DlrmModel model = open(golden.folder())) {
      GoldenRows rows = GoldenRows.read(golden, model.config());
      Scored scored = score(model, rows.samples(), all(rows.samples()));
      double mean = rows.logits().stream().mapToDouble(x -> x).average().orElseThrow();
      double variance =
          rows.logits().stream().mapToDouble(x -> (x - mean) * (x - mean)).average().orElseThrow();
      assertThat(largestError(scored.logits(), rows.logits()))
          .isLessThan(0.05 * Math.sqrt(variance));
      assertThat(errors(scored.scores(), rows.scores()).average().orElseThrow()).isLessThan(2e-3);
    }
  }

  /** bfloat16 costs no more accuracy here than it costs PyTorch on a GPU. */
  @ParameterizedTest
  @FieldSource("GOLDENS")
  void errorsAreAtMostAFifthLargerThanThoseOfPyTorch(String name) {
    Golden golden = Golden.copy(name, temp);
    try (DlrmModel model = open(golden.folder())) {
      GoldenRows rows = GoldenRows.read(golden, model.config());
      Scored scored = score(model, rows.samples(), all(rows.samples()));
      List<Float> pyTorch = GoldenRows.bf16Logits(golden).stream().map(Double::floatValue).toList();
      assertThat(largestError(scored.logits(), rows.logits()))
          .isLessThan(1.2 * largestError(pyTorch, rows.logits()));
      assertThat(rootMeanSquare(errors(scored.logits(), rows.logits())))
          .isLessThan(1.2 * rootMeanSquare(errors(pyTorch, rows.logits())));
    }
  }

  private static double largestError(List<Float> actual, List<Double> expected) {
    assertThat(actual).hasSameSizeAs(expected).doesNotContain(Float.NaN);
    return errors(actual, expected).max().orElseThrow();
  }

  private static double rootMeanSquare(DoubleStream errors) {
    return Math.sqrt(errors.map(error -> error * error).average().orElseThrow());
  }

  private static DoubleStream errors(List<Float> actual, List<Double> expected) {
    return IntStream.range(0, actual.size())
        .mapToDouble(i -> Math.abs(actual.get(i) - expected.get(i)));
  }
}
