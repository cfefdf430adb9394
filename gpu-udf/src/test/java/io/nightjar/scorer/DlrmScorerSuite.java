package io.nightjar.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.golden.Golden;
import io.nightjar.golden.GoldenRows;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend must do. A backend's test extends it and says how to open a model. */
public abstract class DlrmScorerSuite {
  @TempDir Path temp;

  /** Opens the model in {@code folder} on the backend under test. */
  protected abstract DlrmModel open(Path folder);

  static List<String> goldens() {
    return Golden.NAMES;
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void scoresAreThoseOfPyTorch(String name) {
    Golden golden = Golden.copy(name, temp);
    try (DlrmModel model = open(golden.folder())) {
      GoldenRows rows = GoldenRows.read(golden, model.config());
      int count = rows.samples().rows();
      try (DlrmScorer scorer = model.newScorer(count)) {
        rows.samples().fill(scorer.batch(), IntStream.range(0, count).toArray());
        scorer.submit();
        scorer.await();
        for (int r = 0; r < count; r++) {
          assertThat((double) scorer.scores().get(r)).isCloseTo(rows.scores().get(r), within(1e-5));
          assertThat((double) scorer.logits().get(r)).isCloseTo(rows.logits().get(r), within(1e-5));
        }
      }
    }
  }
}
