package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.RequiredColumn;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad rows are set aside with what is wrong with them, in the pass that scores the others. */
class TestQuarantine {
  @TempDir private static Path folder;
  private static ScoringSpec spec;
  private static int files;

  private final SparkSession session = LocalSpark.session();

  @BeforeAll
  static void writeModel() {
    spec =
        ScoringSpec.of(TinyModel.write(folder.resolve("model"), 1, 2, 10).toString())
            .withBatchSize(7)
            .withBadRows(BadRows.QUARANTINE)
            .withRequired(
                List.of(new RequiredColumn("match", BadRowReason.MISSING_USER, "id", "no user")));
  }

  @BeforeEach
  void protocol() {
    session.conf().set(StatisticsCommitProtocol.KEY, StatisticsCommitProtocol.class.getName());
  }

  private ScoringStatistics write(Dataset<Row> scored, Path out, Path quarantine)
      throws IOException {
    scored
        .write()
        .option(StatisticsCommitProtocol.QUARANTINE_OPTION, quarantine.toString())
        .parquet(out.toString());
    return CommittedWrites.take(new org.apache.hadoop.fs.Path(out.toString()), new Configuration());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void badRowsAreSetAside(boolean columnar) throws IOException {
    Path out = folder.resolve("out-" + files++);
    Path quarantine = folder.resolve("quarantine-" + files++);
    Dataset<Row> rows = BadData.rows(session);
    if (columnar) {
      Path stored = folder.resolve("data-" + files++);
      rows.write().parquet(stored.toString());
      rows = session.read().parquet(stored.toString());
    }

    ScoringStatistics statistics =
        write(Nightjar.score(rows, spec).select("id", "s1", "score"), out, quarantine);

    assertThat(session.read().parquet(out.toString()).where("score is not null").count())
        .isEqualTo(84)
        .isEqualTo(statistics.rowsOut());
    Dataset<Row> bad = session.read().parquet(quarantine.toString());
    assertThat(bad.columns()).containsExactly("id", "s1", "bad_reason", "bad_column", "bad_value");
    assertThat(
            bad.orderBy("id")
                .selectExpr("concat_ws(' ', id, bad_reason, bad_column, bad_value)")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly(
            "0 null-value d0",
            "1 null-value d0",
            "2 null-value d0",
            "3 not-finite d0 NaN",
            "4 not-finite d0 NaN",
            "5 not-finite d0 1.0E300",
            "10 row-id-out-of-range s0 99",
            "11 row-id-out-of-range s0 99",
            "12 row-id-out-of-range s0 99",
            "13 row-id-out-of-range s0 99",
            "30 null-in-array s1",
            "31 null-in-array s1",
            "50 row-id-out-of-range s1 -1",
            "51 row-id-out-of-range s1 -1",
            "52 row-id-out-of-range s1 -1",
            "60 missing-user id 60");
    assertThat(bad.where("id = 31").select("s1").head().getList(0)).containsExactly(1L, null);
    assertThat(statistics.badRowCount()).isEqualTo(16);
  }

  @Test
  void anAttemptThatFailsSetsNothingAside() throws IOException {
    UDF1<Long, Long> failOnce =
        id -> {
          if (id % 50 == 49 && TaskContext.get().attemptNumber() == 0) {
            throw new IllegalStateException("the first attempt fails after its rows were written");
          }
          return id;
        };
    session.udf().register("fail_once", failOnce, DataTypes.LongType);
    Path quarantine = folder.resolve("quarantine-" + files++);

    ScoringStatistics statistics =
        write(
            Nightjar.score(BadData.rows(session), spec).selectExpr("fail_once(id) id", "score"),
            folder.resolve("out-" + files++),
            quarantine);

    assertThat(session.read().parquet(quarantine.toString()).count())
        .isEqualTo(16)
        .isEqualTo(statistics.badRowCount());
  }

  @Test
  void aRunWithoutBadRowsHasNoQuarantine() throws IOException {
    Path quarantine = folder.resolve("quarantine-" + files++);

    write(
        Nightjar.score(BadData.rows(session).where("id > 60"), spec),
        folder.resolve("out-" + files++),
        quarantine);

    assertThat(Files.exists(quarantine)).isFalse();
  }

  @Test
  void thereMustBeAPlaceForThem() {
    assertThatThrownBy(() -> Nightjar.score(BadData.rows(session), spec).collectAsList())
        .rootCause()
        .hasMessage(
            "Cannot quarantine a bad row: this is no write with option nightjar.quarantine and"
                + " spark.sql.sources.commitProtocolClass ="
                + " io.nightjar.spark.executor.StatisticsCommitProtocol");
  }
}
