package io.nightjar.spark.units;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SortExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestPreparedTable {
  private static final int ROWS = 1_000;

  @TempDir private Path folder;

  private SparkSession spark;
  private Dataset<Row> candidates;
  private Dataset<Row> users;
  private Dataset<Row> items;
  private Dataset<Row> pairs;

  @BeforeEach
  void write() {
    spark = LocalSpark.session();
    spark.conf().set("spark.sql.autoBroadcastJoinThreshold", -1);
    candidates =
        stored("candidates", "select id, id % 50 user, id % 7 item from range(" + ROWS + ")");
    users = stored("users", "select id user_id, id * 2 double from range(49)");
    items = stored("items", "select id item_id, id * 3 triple from range(7)");
    pairs =
        candidates
            .join(users, col("user").equalTo(col("user_id")), "left_outer")
            .join(items, col("item").equalTo(col("item_id")), "left_outer");
  }

  private Dataset<Row> stored(String name, String sql) {
    String path = folder.resolve(name).toString();
    spark.sql(sql).repartition(4).write().parquet(path);
    return spark.read().parquet(path);
  }

  @Test
  void everyUnitFindsItsRowsAndMovesNoOthers() throws IOException {
    List<Unit> units = TestUnits.plan(TestUnits.relation(candidates), 1);
    assertThat(units).hasSize(4);
    List<Long> ids = new ArrayList<>();
    try (PreparedTable byUser = PreparedTable.of(users, col("user_id"), 3);
        PreparedTable byItem = PreparedTable.of(items, col("item_id"), 2)) {
      for (Unit unit : units) {
        Dataset<Row> rows =
            UnitScan.of(pairs, TestUnits.relation(candidates), unit, List.of(byUser, byItem));
        for (Row row : rows.collectAsList()) {
          ids.add(row.getLong(0));
          assertThat(row.isNullAt(4)).isEqualTo(row.getLong(1) == 49);
          assertThat(row.isNullAt(4) || row.getLong(4) == 2 * row.getLong(1)).isTrue();
          assertThat(row.getLong(6)).isEqualTo(3 * row.getLong(2));
        }
        SparkPlan plan = Plans.executed(rows);
        assertThat(Plans.all(plan, FileSourceScanExec.class)).hasSize(1);
        // The unit's own rows, to where their users are and then to where their items are.
        assertThat(Plans.all(plan, ShuffleExchangeExec.class)).hasSize(2);
        assertThat(Plans.all(plan, SortExec.class)).hasSize(2);
      }
    }
    ids.sort(null);
    assertThat(ids).isEqualTo(LongStream.range(0, ROWS).boxed().toList());
  }

  @Test
  void isGivenBack() {
    try (PreparedTable byUser = PreparedTable.of(users, col("user_id"), 3)) {
      assertThat(byUser.plan().output()).isEqualTo(Plans.analyzed(users).output());
      assertThat(spark.sparkContext().getPersistentRDDs().size()).isPositive();
    }
    assertThat(spark.sparkContext().getPersistentRDDs().size()).isZero();
  }
}
