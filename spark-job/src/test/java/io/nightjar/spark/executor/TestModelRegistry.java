package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestModelRegistry {
  private final ModelRegistry registry = ModelRegistry.instance();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    registry.closeIdle();
    assertThat(registry.modelsInUse()).isZero();
  }

  private ModelReference reference(String name) {
    Path model = folder.resolve(name);
    if (!model.toFile().exists()) {
      TinyModel.write(model, 1, 1, 10 + name.length());
    }
    ModelInfo info = ModelInfo.read(ModelFolder.local(model));
    return new ModelReference(
        model.toUri().toString(),
        info.version(),
        info.edition(),
        Backend.CPU,
        Precision.FP32,
        EmbeddingBagSpec.AUTO);
  }

  private static DlrmScorer scorerOf(ModelRegistry.Use use) {
    ScorerPool pool = use.scorers(4, 1);
    DlrmScorer scorer = pool.tryTake();
    pool.giveBack(scorer);
    return scorer;
  }

  @Test
  void usersShareAModelAndItsScorers() {
    try (var one = registry.use(reference("a"), 0);
        var other = registry.use(reference("a"), 0)) {
      assertThat(scorerOf(one)).isSameAs(scorerOf(other));
      assertThat(registry.modelsInUse()).isEqualTo(1);
    }
  }

  @Test
  void batchSizesHavePoolsOfTheirOwn() {
    try (var use = registry.use(reference("a"), 0)) {
      assertThat(use.scorers(4, 1)).isNotSameAs(use.scorers(5, 1)).isSameAs(use.scorers(4, 1));
    }
  }

  @Test
  void anIdleModelIsFoundAgain() {
    DlrmScorer scorer;
    try (var use = registry.use(reference("a"), 0)) {
      scorer = scorerOf(use);
    }
    try (var again = registry.use(reference("a"), 0)) {
      assertThat(scorerOf(again)).isSameAs(scorer);
    }
  }

  @Test
  void aDeviceHasAModelOfItsOwn() {
    try (var one = registry.use(reference("a"), 0);
        var other = registry.use(reference("a"), 1)) {
      assertThat(scorerOf(one)).isNotSameAs(scorerOf(other));
      assertThat(registry.modelsInUse()).isEqualTo(2);
    }
  }

  @Test
  void theModelThatIsIdleLongestIsClosed() {
    DlrmScorer first;
    try (var use = registry.use(reference("a"), 0)) {
      first = scorerOf(use);
    }
    registry.use(reference("bb"), 0).close();
    registry.use(reference("ccc"), 0).close();

    try (var use = registry.use(reference("a"), 0)) {
      assertThat(scorerOf(use)).isNotSameAs(first);
    }
  }

  @Test
  void aModelInUseIsNotClosedForOthers() {
    try (var use = registry.use(reference("a"), 0)) {
      DlrmScorer scorer = scorerOf(use);
      registry.use(reference("bb"), 0).close();
      registry.use(reference("ccc"), 0).close();
      registry.use(reference("dddd"), 0).close();

      try (var again = registry.use(reference("a"), 0)) {
        assertThat(scorerOf(again)).isSameAs(scorer);
      }
    }
  }

  @Test
  void closedUseCountsOnce() {
    var use = registry.use(reference("a"), 0);
    try (var other = registry.use(reference("a"), 0)) {
      use.close();
      use.close();

      assertThat(registry.modelsInUse()).isEqualTo(1);
      assertThat(scorerOf(other)).isNotNull();
    }
  }
}
