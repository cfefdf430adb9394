package io.nightjar.scorer;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Pooling;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.SafetensorsWriter;
import io.nightjar.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every backend must do in {@link Precision#FP32}. */
public abstract class Fp32ScorerSuite extends DlrmScorerSuite {

  @Override
  protected void assertAgrees(Scored scored, List<Double> scores, List<Double> logits) {
    assertThat(scored.logits()).hasSameSizeAs(logits);
    for (int r = 0; r < logits.size(); r++) {
      double logit = logits.get(r);
      assertThat(scored.logits().get(r).doubleValue())
          .as("logit of row %d", r)
          .isCloseTo(logit, within(2e-5 * (1 + Math.abs(logit))));
      assertThat(scored.scores().get(r).doubleValue())
          .as("score of row %d", r)
          .isCloseTo(scores.get(r), within(1e-5));
    }
  }

  /** Sums of small integers are exact, and so are their halves and quarters. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void poolingIsExactWhereArithmeticIs(Pooling pooling) throws IOException {
    DlrmConfig config =
        Models.of(DLRM, 0, List.of(), List.of(300), 1, pooling, new Interaction.Cat(), List.of(1));
    Files.writeString(temp.resolve("model.json"), RandomModel.json(config));
    float[] table = new float[300];
    for (int i = 0; i < table.length; i++) {
      table[i] = i - 100;
    }
    new SafetensorsWriter()
        .add("emb_l.0.weight", DType.F32, List.of(300, 1), table)
        .add("top_l.0.weight", DType.F32, List.of(1, 1), 1)
        .add("top_l.0.bias", DType.F32, List.of(1), 0)
        .write(temp.resolve("model.safetensors"));
    Samples samples = new Samples(config);
    List<Float> expected = new ArrayList<>();
    for (int length : List.of(0, 1, 2, 4, 3, 15, 16, 17, 32, 33, 299, 300)) {
      int[] bag = IntStream.range(300 - length, 300).toArray();
      samples.add(new float[0], new int[][] {bag});
      float sum = IntStream.of(bag).map(id -> id - 100).sum();
      expected.add(pooling == Pooling.SUM || length == 0 ? sum : sum / length);
    }
    try (DlrmModel model = open(temp)) {
      assertThat(score(model, samples, all(samples)).logits()).isEqualTo(expected);
    }
  }
}
