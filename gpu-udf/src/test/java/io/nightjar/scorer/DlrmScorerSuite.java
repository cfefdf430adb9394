package io.nightjar.scorer;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static io.nightjar.model.DlrmConfig.Family.TORCHREC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.golden.Golden;
import io.nightjar.golden.GoldenRows;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.ModelContent;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.model.Pooling;
import io.nightjar.model.SparseFeature;
import io.nightjar.model.TensorInfo;
import io.nightjar.model.WeightLayout;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.ReferenceDlrm;
import io.nightjar.testing.Samples;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend must do. A backend's test extends it and says how to open a model. */
public abstract class DlrmScorerSuite extends BatchSuite {
  static List<String> goldens() {
    return Golden.NAMES;
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void scoresAreThoseOfPyTorch(String name) {
    Golden golden = Golden.copy(name, temp);
    try (DlrmModel model = open(golden.folder())) {
      GoldenRows rows = GoldenRows.read(golden, model.config());
      Scored scored = score(model, rows.samples(), all(rows.samples()));
      assertThat(rows.samples().rows()).isPositive();
      assertAgrees(scored, rows.scores(), rows.logits());
    }
  }

  /** Whether the bytes were hashed on their way to a device or by themselves. */
  @ParameterizedTest
  @MethodSource("goldens")
  void tellsWhatItsFilesHold(String name) {
    Golden golden = Golden.copy(name, temp);
    try (DlrmModel model = open(golden.folder())) {
      assertThat(model.content()).isEqualTo(ModelContent.hash(golden.folder()));
    }
  }

  static Stream<Arguments> shapes() {
    List<Integer> rows = List.of(100, 1, 37);
    List<Integer> top = List.of(24, 1);
    return Stream.of(
        Arguments.of("one feature", model(DLRM, 3, List.of(8), List.of(9), 8, LOWER, top)),
        Arguments.of("lower", model(DLRM, 5, List.of(20, 16), rows, 16, LOWER, top)),
        Arguments.of("upper", model(TORCHREC, 5, List.of(20, 16), rows, 16, UPPER, top)),
        Arguments.of("odd sizes", model(DLRM, 13, List.of(31, 7), rows, 7, LOWER, List.of(33, 1))),
        Arguments.of("one top layer", model(TORCHREC, 2, List.of(4), rows, 4, UPPER, List.of(1))),
        Arguments.of("one column", model(DLRM, 1, List.of(1), rows, 1, LOWER, top)),
        Arguments.of("cat", model(DLRM, 4, List.of(12), rows, 16, new Interaction.Cat(), top)),
        Arguments.of("cross", model(TORCHREC, 4, List.of(8), rows, 8, cross(3, 5), top)),
        Arguments.of("cross, one layer", model(TORCHREC, 4, List.of(6), rows, 8, cross(1, 1), top)),
        Arguments.of("no dense, dot", model(DLRM, 0, List.of(), rows, 16, LOWER, top)),
        Arguments.of(
            "no dense, cat", model(DLRM, 0, List.of(), rows, 5, new Interaction.Cat(), top)),
        Arguments.of("no dense, cross", model(TORCHREC, 0, List.of(), rows, 5, cross(2, 3), top)),
        Arguments.of("27 vectors", wide(26)),
        Arguments.of("33 vectors", wide(32)),
        Arguments.of("64 vectors", wide(63)),
        Arguments.of("251 vectors", wide(250)),
        Arguments.of("dim 100", model(DLRM, 3, List.of(100), rows, 100, LOWER, top)),
        Arguments.of("dim 256", model(TORCHREC, 3, List.of(256), rows, 256, UPPER, top)),
        Arguments.of(
            "many layers",
            model(DLRM, 13, List.of(300, 130, 64), rows, 64, LOWER, List.of(300, 257, 129, 1))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void scoresAreThoseOfTheReference(String name, DlrmConfig config) {
    compareWithReference(RandomModel.write(config, 1, temp), 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 33, 150})
  void bagsOfManySizes(int longestBag) {
    DlrmConfig config = model(DLRM, 2, List.of(16), List.of(50, 3), 16, LOWER, List.of(1));
    compareWithReference(RandomModel.write(config, 2, temp), longestBag);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void weightsOfEveryType(DType type) {
    DlrmConfig config =
        model(TORCHREC, 3, List.of(8), List.of(50, 60), 8, cross(2, 4), List.of(6, 1));
    compareWithReference(RandomModel.write(config, type, type, 3, temp), 5);
  }

  /** Three features of two tables that differ in size and pooling. */
  @Test
  void featuresShareATable() {
    DlrmConfig config =
        new DlrmConfig(
            "shared",
            DLRM,
            List.of("d0"),
            List.of(
                new SparseFeature("a", 1), new SparseFeature("b", 0), new SparseFeature("c", 1)),
            List.of(
                new EmbeddingTableConfig("emb_l.0", 5, 6, Pooling.SUM),
                new EmbeddingTableConfig("emb_l.1", 90, 10, Pooling.MEAN)),
            List.of(3),
            new Interaction.Cat(),
            List.of(7, 1));
    compareWithReference(RandomModel.write(config, 4, temp), 6);
  }

  static List<String> weightsOfADlrm() {
    return List.of("bot_l.0.weight", "bot_l.0.bias", "top_l.0.weight", "top_l.2.bias");
  }

  /** ReLU must not hide a broken weight. */
  @ParameterizedTest
  @MethodSource("weightsOfADlrm")
  void nanInAWeightGivesNan(String tensor) throws IOException {
    DlrmConfig config = model(DLRM, 2, List.of(4), List.of(9), 4, LOWER, List.of(3, 1));
    Samples samples = Samples.random(config, 5, 3, 12);
    try (DlrmModel model = open(withNan(RandomModel.write(config, 12, temp), tensor, 0))) {
      Scored scored = score(model, samples, all(samples));
      assertThat(scored.scores()).containsOnly(Float.NaN);
      assertThat(scored.logits()).containsOnly(Float.NaN);
    }
  }

  @Test
  void nanInATableRowReachesTheRowsThatUseIt() throws IOException {
    DlrmConfig config = model(DLRM, 2, List.of(4), List.of(9), 4, LOWER, List.of(3, 1));
    Samples samples = new Samples(config);
    samples.add(new float[] {1, 2}, new int[][] {{0, 6, 8}});
    samples.add(new float[] {1, 2}, new int[][] {{0, 7, 8}});
    samples.add(new float[] {1, 2}, new int[][] {{}});
    Path folder = withNan(RandomModel.write(config, 12, temp), "emb_l.0.weight", 7 * 4 + 3);
    try (DlrmModel model = open(folder)) {
      Scored scored = score(model, samples, all(samples));
      assertThat(scored.logits().get(0)).isNotNaN();
      assertThat(scored.logits().get(1)).isNaN();
      assertThat(scored.logits().get(2)).isNotNaN();
    }
  }

  @Test
  void aScorerOutlivesNoModel() {
    DlrmConfig config = model(DLRM, 1, List.of(4), List.of(5), 4, LOWER, List.of(1));
    DlrmModel model = open(RandomModel.write(config, 10, temp));
    DlrmScorer scorer = model.newScorer(3);
    assertThatThrownBy(model::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot close model test: it has 1 open scorers, expected none");
    scorer.close();
    scorer.close();
    assertThatThrownBy(scorer::submit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot score: the scorer is closed");
    model.close();
    assertThatThrownBy(() -> model.newScorer(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot open a scorer: model test is closed");
  }

  /** Overwrites one element of a tensor, F32, with NaN. */
  private static Path withNan(Path folder, String tensor, int element) throws IOException {
    TensorInfo place =
        Stream.of(ModelInfo.read(ModelFolder.local(folder)).layout())
            .flatMap(l -> Stream.concat(l.tables().stream(), linears(l)))
            .filter(t -> t.name().equals(tensor))
            .findFirst()
            .orElseThrow();
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve(place.file()).toFile(), "rw")) {
      file.seek(place.offset() + (long) element * Float.BYTES);
      file.writeInt(Integer.reverseBytes(Float.floatToIntBits(Float.NaN)));
    }
    return folder;
  }

  private static Stream<TensorInfo> linears(WeightLayout layout) {
    return Stream.concat(layout.bottomMlp().stream(), layout.topMlp().stream())
        .flatMap(linear -> Stream.of(linear.weight(), linear.bias()));
  }

  protected void compareWithReference(Path folder, int longestBag) {
    ReferenceDlrm reference = new ReferenceDlrm(folder);
    try (DlrmModel model = open(folder)) {
      Samples samples = Samples.random(model.config(), 67, longestBag, 11);
      List<Double> logits =
          all(samples).stream()
              .map(r -> reference.logit(samples.dense(r), samples.bags(r)))
              .toList();
      List<Double> scores = logits.stream().map(ReferenceDlrm::sigmoid).toList();
      assertAgrees(score(model, samples, all(samples)), scores, logits);
    }
  }

  /** Asserts that a precision's scores are as near as they must be to those of float64. */
  protected abstract void assertAgrees(Scored scored, List<Double> scores, List<Double> logits);
}
