package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.RequiredColumn;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.statistics.DenseStatistics;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.SparseStatistics;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyData;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tasks count while they score, and that what is committed counts once. */
class TestTaskStatistics {
  private static final Set<Integer> FAILED = ConcurrentHashMap.newKeySet();

  @TempDir private static Path folder;
  private static ScoringSpec spec;
  private static int files;

  private final SparkSession session = LocalSpark.session();

  @BeforeAll
  static void writeModel() {
    // Small batches, so that counts add up over many.
    spec =
        ScoringSpec.of(TinyModel.write(folder.resolve("model"), 1, 2, 10).toString())
            .withBatchSize(7);
  }

  @BeforeEach
  void protocol() {
    session.conf().set(StatisticsCommitProtocol.KEY, StatisticsCommitProtocol.class.getName());
  }

  private Dataset<Row> stored(Dataset<Row> rows) {
    String file = folder.resolve("data-" + files++).toString();
    rows.write().parquet(file);
    return session.read().parquet(file);
  }

  private ScoringStatistics write(Dataset<Row> scored) throws IOException {
    Path out = folder.resolve("out-" + files++);
    scored.write().parquet(out.toString());
    ScoringStatistics statistics =
        CommittedWrites.take(new org.apache.hadoop.fs.Path(out.toString()), new Configuration());
    assertThat(statistics.rowsOut()).isEqualTo(session.read().parquet(out.toString()).count());
    return statistics;
  }

  @ParameterizedTest
  @CsvSource({"true, DROP", "false, DROP", "true, NULL", "false, NULL"})
  void badRowsAreCountedByReasonAndColumn(boolean columnar, BadRows fate) throws IOException {
    Dataset<Row> rows = columnar ? stored(BadData.rows(session)) : BadData.rows(session);
    ScoringSpec counted =
        spec.withBadRows(fate)
            .withRequired(
                List.of(
                    new RequiredColumn("match", BadRowReason.MISSING_USER, "id", "no such user")));

    ScoringStatistics statistics = write(Nightjar.score(rows, counted));

    assertThat(statistics.rowsIn()).isEqualTo(100);
    assertThat(statistics.badRows())
        .isEqualTo(
            Map.of(
                BadRowReason.NULL_VALUE, Map.of("d0", 3L),
                BadRowReason.NOT_FINITE, Map.of("d0", 3L),
                BadRowReason.ROW_ID_OUT_OF_RANGE, Map.of("s0", 4L, "s1", 3L),
                BadRowReason.NULL_IN_ARRAY, Map.of("s1", 2L),
                BadRowReason.MISSING_USER, Map.of("id", 1L)));
    assertThat(statistics.badRowCount()).isEqualTo(16);
    assertThat(statistics.scored()).isEqualTo(84);
    assertThat(statistics.rowsOut()).isEqualTo(fate == BadRows.NULL ? 100 : 84);
    assertThat(statistics.sparse())
        .isEqualTo(
            Map.of(
                "s0", new SparseStatistics(84, 10, 74, 0),
                "s1", new SparseStatistics(84, 7, 154, 0)));
    assertThat(statistics.dense()).isEqualTo(Map.of("d0", new DenseStatistics(100, 0)));
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void replacedValuesAreCounted(boolean columnar, boolean leftOut) throws IOException {
    Dataset<Row> some = BadData.rows(session).where("id >= 6 and (id < 30 or id > 31)");
    Dataset<Row> rows =
        session.createDataFrame(
            some.selectExpr("id", "if(id = 6, null, d0) d0", "s0", "s1").collectAsList(),
            some.select("id", "d0", "s0", "s1").schema());
    ScoringSpec replacing =
        spec.withOutOfRange(leftOut ? new OutOfRange.Empty() : new OutOfRange.RowId(5))
            .withFeature("d0", FeatureSource.column("d0").withNullValue(0));

    ScoringStatistics statistics = write(Nightjar.score(columnar ? stored(rows) : rows, replacing));

    int s0 = leftOut ? 4 : 0;
    int s1 = leftOut ? 3 : 0;
    assertThat(statistics.badRows()).isEmpty();
    assertThat(statistics.sparse())
        .isEqualTo(
            Map.of(
                "s0", new SparseStatistics(92, 10 + s0, 82, 4),
                "s1", new SparseStatistics(92, 7 + s1, 167, 3)));
    assertThat(statistics.dense()).isEqualTo(Map.of("d0", new DenseStatistics(92, 1)));
  }

  /** What is filled once for many rows counts, and scores, as if it were filled for each. */
  @ParameterizedTest
  @CsvSource({
    "u, true, rows",
    "u, false, rows",
    "k, true, rows",
    "k, false, rows",
    "u, false, clustered dictionary",
    "u, true, clustered plain",
    "k, true, clustered dictionary",
    "k, false, clustered plain",
    "u, true, scattered dictionary",
    "k, false, scattered plain",
  })
  void whatAKeyDecidesCountsByRows(String key, boolean leftOut, String input) throws IOException {
    Dataset<Row> made =
        session
            .range(0, 300, 1, 2)
            .selectExpr("id", "id * id % 23 v", "if(id % 10 = 9, null, id * id % 23) u")
            .selectExpr(
                "id",
                "u",
                "concat('user ', u) k",
                "if(v % 5 = 1, null, cast(v as float)) d0",
                "case v % 7 when 2 then null when 4 then 99 else v % 10 end s0",
                "if(v = 6, array(1L, null), transform(sequence(1, v % 4), x -> x + v % 5)) s1");
    Dataset<Row> rows = made;
    if (!input.equals("rows")) {
      String file = folder.resolve("keyed-" + files++).toString();
      (input.startsWith("clustered") ? made.sort("u", "id") : made)
          .coalesce(1)
          .write()
          .option("parquet.enable.dictionary", input.endsWith("dictionary"))
          .parquet(file);
      rows = session.read().parquet(file);
    }
    ScoringSpec each =
        spec.withBadRows(BadRows.DROP)
            .withOutOfRange(leftOut ? new OutOfRange.Empty() : new OutOfRange.RowId(5))
            .withFeature("d0", FeatureSource.column("d0").withNullValue(0));
    ScoringSpec once =
        each.withFeature("d0", FeatureSource.column("d0").withNullValue(0).withKey(key))
            .withFeature("s0", FeatureSource.column("s0").withKey(key))
            .withFeature("s1", FeatureSource.column("s1").withKey(key));

    ScoringStatistics expected = write(Nightjar.score(rows, each));
    ScoringStatistics found = write(Nightjar.score(rows, once));

    assertThat(expected.badRowCount()).isPositive();
    assertThat(expected.dense().get("d0").replacedNulls()).isPositive();
    assertThat(expected.sparse().get("s0").replacedIds()).isPositive();
    assertThat(found.withStageNanos(new TreeMap<>()))
        .isEqualTo(expected.withStageNanos(new TreeMap<>()));
    assertThat(Nightjar.score(rows, once).select("id", "score").collectAsList())
        .isEqualTo(Nightjar.score(rows, each).select("id", "score").collectAsList());
  }

  @Test
  void scoresAreCounted() throws IOException {
    Dataset<Row> rows = stored(BadData.rows(session).where("id >= 70"));
    Dataset<Row> scored = Nightjar.score(rows, spec);
    Row expected =
        scored.selectExpr("count(score)", "avg(score)", "min(score)", "max(score)").head();

    ScoringStatistics statistics = write(scored);

    assertThat(statistics.scores().count()).isEqualTo(expected.getLong(0)).isEqualTo(30);
    assertThat(statistics.scores().mean()).isCloseTo(expected.getDouble(1), within(1e-12));
    assertThat(statistics.scores().min()).isEqualTo(expected.getFloat(2));
    assertThat(statistics.scores().max()).isEqualTo(expected.getFloat(3));
    assertThat(statistics.scores().histogram().total()).isEqualTo(30);
    assertThat(statistics.scores().notFinite()).isZero();
  }

  /** On its first attempt a task ends with an error when it comes to its last row. */
  private static final UDF1<Long, Long> FAIL_ONCE =
      id -> {
        TaskContext task = TaskContext.get();
        if (id % 50 == 49 && task.attemptNumber() == 0) {
          FAILED.add(task.partitionId());
          throw new IllegalStateException("the first attempt fails after its rows were written");
        }
        return id;
      };

  @Test
  void aTaskThatRunsAgainCountsOnce() throws IOException {
    session.udf().register("fail_once", FAIL_ONCE, DataTypes.LongType);
    Dataset<Row> rows = BadData.rows(session).drop("match");
    Dataset<Row> scored =
        Nightjar.score(rows, spec.withBadRows(BadRows.NULL))
            .selectExpr("fail_once(id) id", "score");

    ScoringStatistics statistics = write(scored);

    assertThat(FAILED).containsExactlyInAnyOrder(0, 1);
    assertThat(statistics.rowsIn()).isEqualTo(100);
    assertThat(statistics.rowsOut()).isEqualTo(100);
    assertThat(statistics.badRowCount()).isEqualTo(15);
    assertThat(statistics.scores().histogram().total()).isEqualTo(85);
  }

  @Test
  void theStagesOfATaskAreItsRunTime() throws Exception {
    Path model = TinyModel.write(folder.resolve("wide"), 8, 8, 1000);
    Dataset<Row> rows = TinyData.write(session, folder.resolve("wide-data"), 400_000, 8, 8, 1000);
    Dataset<Row> scored = Nightjar.score(rows, ScoringSpec.of(model.toString()));
    session.conf().set("spark.sql.files.minPartitionNum", "1"); // so that there is one task
    // The first time, classes are loaded and code is compiled before the task's clock begins.
    write(scored);
    List<Long> millis = new CopyOnWriteArrayList<>();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            millis.add(end.taskMetrics().executorRunTime());
          }
        };
    session.sparkContext().listenerBus().waitUntilEmpty();
    session.sparkContext().addSparkListener(listener);
    ScoringStatistics statistics;
    try {
      Path out = folder.resolve("timed");
      scored.write().parquet(out.toString());
      session.sparkContext().listenerBus().waitUntilEmpty();
      statistics =
          CommittedWrites.take(new org.apache.hadoop.fs.Path(out.toString()), new Configuration());
    } finally {
      session.sparkContext().removeSparkListener(listener);
      session.conf().unset("spark.sql.files.minPartitionNum");
    }

    double seconds =
        statistics.stageNanos().values().stream().mapToLong(Long::longValue).sum() / 1e9;
    assertThat(statistics.rowsIn()).isEqualTo(400_000);
    assertThat(statistics.batches()).isPositive();
    assertThat(statistics.device()).isEmpty(); // the CPU is none
    assertThat(millis).hasSize(1);
    assertThat(seconds).isCloseTo(millis.get(0) / 1e3, withinPercentage(10));
  }

  @Test
  void nothingToTake() {
    assertThatThrownBy(
            () ->
                CommittedWrites.take(new org.apache.hadoop.fs.Path("/absent"), new Configuration()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot tell what was written to file:/absent: no write was committed there with"
                + " spark.sql.sources.commitProtocolClass ="
                + " io.nightjar.spark.executor.StatisticsCommitProtocol");
  }
}
