package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import io.nightjar.spark.testing.TinyData;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.joins.SortMergeJoinExec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two tasks at a time and one scorer between them: everything ends, and the scorer comes back. */
@Timeout(120)
class TestScorerSharing {
  private static final int ROWS = 400;

  @TempDir private static Path folder;
  private static ScoringSpec spec;

  private final SparkSession session = LocalSpark.session();
  private Dataset<Row> input;

  @BeforeAll
  static void write() {
    // Small batches, so that pipelines stop in the middle of a partition.
    spec =
        ScoringSpec.of(TinyModel.write(folder.resolve("model"), 2, 2, 10).toString())
            .withBatchSize(7);
    TinyData.write(LocalSpark.session(), folder.resolve("data"), ROWS, 2, 2, 10);
  }

  @BeforeEach
  void oneScorer() {
    session.conf().set(ScorerPool.SIZE_KEY, "1");
    session.conf().set("spark.sql.autoBroadcastJoinThreshold", "-1");
    session.conf().set("spark.sql.files.openCostInBytes", "1g");
    input = session.read().parquet(folder.resolve("data").toString());
  }

  @AfterEach
  void scorersCameBack() {
    // A run that needs the scorer, and would wait for ever if it was lost.
    assertThat(Nightjar.score(input, spec).collectAsList()).hasSize(ROWS);
    assertThat(ModelRegistry.instance().modelsInUse()).isZero();
  }

  @Test
  void nestedScores() {
    Dataset<Row> nested =
        Nightjar.score(
            Nightjar.score(Nightjar.score(input, spec), spec.withScoreColumn("second")),
            spec.withScoreColumn("third"));

    assertThat(nested.select("score", "second", "third").collectAsList())
        .hasSize(ROWS)
        .allMatch(row -> row.getFloat(0) == row.getFloat(1) && row.getFloat(1) == row.getFloat(2));
  }

  @Test
  void nestedScoresWithRowsBetween() {
    Dataset<Row> inner = Nightjar.score(input, spec).where("score < 2");
    Dataset<Row> nested = Nightjar.score(inner, spec.withScoreColumn("second"));

    assertThat(nested.where("score = second").collectAsList()).hasSize(ROWS);
  }

  @Test
  void bothSidesOfASortMergeJoin() {
    // Sorted before scoring, so that both pipelines run in the join's own task.
    Dataset<Row> left = input.repartition(2, input.col("id")).sortWithinPartitions("id");
    Dataset<Row> right = input.repartition(2, input.col("id")).sortWithinPartitions("id");
    Dataset<Row> joined =
        Nightjar.score(left, spec)
            .alias("a")
            .join(Nightjar.score(right, spec).alias("b"), "id")
            .selectExpr("a.score", "b.score");

    assertThat(joined.collectAsList())
        .hasSize(ROWS)
        .allMatch(row -> row.getFloat(0) == row.getFloat(1));
    SortMergeJoinExec join = Plans.all(Plans.executed(joined), SortMergeJoinExec.class).get(0);
    assertThat(join.left().toString()).contains("Score [");
    assertThat(join.right().toString()).contains("Score [");
  }

  @Test
  void unionInOneTask() {
    Dataset<Row> scored = Nightjar.score(input, spec);

    assertThat(scored.union(scored).coalesce(1).collectAsList()).hasSize(2 * ROWS);
  }

  @Test
  void partitionsInOneTask() {
    assertThat(Nightjar.score(input, spec).coalesce(1).collectAsList()).hasSize(ROWS);
  }

  @Test
  void limit() {
    assertThat(Nightjar.score(input, spec).limit(10).collectAsList()).hasSize(10);
  }

  @Test
  void failedTask() {
    Dataset<Row> failing =
        Nightjar.score(input, spec).selectExpr("assert_true(id + score < 300)", "score");

    assertThatThrownBy(failing::collectAsList).hasMessageContaining("< ");
  }

  @Test
  void killedTask() throws Exception {
    CountDownLatch killed = new CountDownLatch(1);
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            if (end.reason().toString().startsWith("TaskKilled")) {
              killed.countDown();
            }
          }
        };
    session.sparkContext().addSparkListener(listener);
    try {
      Dataset<String> stuck =
          Nightjar.score(input, spec)
              .map((MapFunction<Row, String>) Killed::untilKilled, Encoders.STRING());
      Thread run =
          new Thread(
              () -> {
                session.sparkContext().setJobGroup("killed", "is cancelled", false);
                assertThatThrownBy(stuck::collectAsList).hasMessageContaining("cancelled");
              });
      run.start();
      assertThat(Killed.STARTED.await(60, TimeUnit.SECONDS)).isTrue();
      session.sparkContext().cancelJobGroup("killed");
      run.join();
      assertThat(killed.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      session.sparkContext().removeSparkListener(listener);
    }
  }

  /** A consumer that holds a task in the middle of its partition. */
  private static final class Killed {
    static final CountDownLatch STARTED = new CountDownLatch(1);

    static String untilKilled(Row row) {
      STARTED.countDown();
      TaskContext task = TaskContext.get();
      while (!task.isInterrupted()) {
        Thread.onSpinWait();
      }
      throw new TaskKilledException(row.toString());
    }
  }
}
