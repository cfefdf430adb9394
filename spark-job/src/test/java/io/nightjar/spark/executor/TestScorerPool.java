package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestScorerPool {
  @TempDir private Path folder;

  private DlrmModel model;
  private ScorerPool pool;

  @BeforeEach
  void open() {
    model = DlrmModels.open(TinyModel.write(folder, 1, 1, 10), Backend.CPU, Precision.FP32);
    pool = new ScorerPool(model, 5, 2);
  }

  @AfterEach
  void close() {
    pool.close();
    // Throws where a scorer is still open.
    model.close();
  }

  @Test
  void atMostSoMany() {
    DlrmScorer first = pool.tryTake();
    DlrmScorer second = pool.tryTake();

    assertThat(first).isNotSameAs(second);
    assertThat(first.batch().capacity()).isEqualTo(5);
    assertThat(pool.tryTake()).isNull();
    pool.giveBack(first);
    assertThat(pool.tryTake()).isSameAs(first);
    pool.giveBack(first);
    pool.giveBack(second);
  }

  @Test
  void scorerWhoseBatchFailedIsUsedAgain() {
    DlrmScorer scorer = pool.tryTake();
    scorer.batch().sparse(0).ids().put(0, 10);
    scorer.batch().sparse(0).offsets().put(1, 1);
    scorer.batch().rows(1);
    assertThatThrownBy(scorer::submit).isInstanceOf(IllegalArgumentException.class);

    pool.drainAndGiveBack(scorer);

    assertThat(pool.tryTake()).isSameAs(scorer);
    scorer.batch().sparse(0).ids().put(0, 9);
    scorer.submit();
    scorer.await();
    assertThat(scorer.scores().get(0)).isBetween(0f, 1f);
    pool.giveBack(scorer);
  }
}
