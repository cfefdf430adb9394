package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns of every type come out as they went in. */
class TestKeptColumns {
  private static final int ROWS = 300;

  private static final List<String> COLUMNS =
      List.of(
          "id % 2 = 0 boolean",
          "cast(id % 100 as byte) byte",
          "cast(id as short) short",
          "cast(id as int) int",
          "id * 1000000007 long",
          "cast(id / 7 as float) float",
          "cast(id / 7 as double) double",
          "cast(id / 7 as decimal(7,2)) decimal7",
          "cast(id / 7 as decimal(15,3)) decimal15",
          "cast(id / 7 as decimal(38,5)) decimal38",
          "concat('Grüße ', id % 3) string",
          "repeat(id, cast(id % 30 as int)) long_string",
          "cast(concat('b', id) as binary) binary",
          "date_add(date'2024-01-01', cast(id as int)) date",
          "timestamp_seconds(id) timestamp",
          "cast(timestamp_seconds(id) as timestamp_ntz) timestamp_ntz",
          "make_ym_interval(1, cast(id as int)) year_month",
          "make_dt_interval(0, 0, 0, id) day_time",
          "array(id, null, id + 1) array",
          "array(array('a', string(id)), array()) arrays",
          "map(concat('k', id), id, 'n', null) map",
          "named_struct('a', id, 'b', array(id), 'c', named_struct('d', cast(null as int))) struct");

  @TempDir private static Path folder;

  @ParameterizedTest
  @CsvSource({"true, false, 7", "true, true, 1000", "false, false, 7", "false, false, 1000"})
  void everyType(boolean columnar, boolean offHeap, int batchSize) {
    SparkSession session = LocalSpark.session();
    session.conf().set("spark.sql.columnVector.offheap.enabled", offHeap);
    session.conf().set("spark.sql.parquet.columnarReaderBatchSize", 64);
    Path model = TinyModel.write(folder.resolve("model"), 1, 1, 10);
    String path = folder.resolve(columnar + "-" + batchSize).toString();
    Dataset<Row> rows =
        session
            .range(0, ROWS, 1, 1)
            .selectExpr(
                COLUMNS.stream()
                    .map(c -> c.replaceFirst("(.*) (\\w+)", "if(id % 5 = 3, null, $1) $2"))
                    .toArray(String[]::new));
    Dataset<Row> numbered = rows.selectExpr("*", "monotonically_increasing_id() id");
    numbered.write().parquet(path);
    Dataset<Row> input =
        columnar ? session.read().parquet(path) : session.read().parquet(path).where("id >= 0");
    ScoringSpec spec =
        ScoringSpec.of(model.toString())
            .withBatchSize(batchSize)
            .withFeature("d0", FeatureSource.column("id"))
            .withFeature("s0", FeatureSource.column("id"))
            .withBadRows(BadRows.DROP);

    Dataset<Row> scored = Nightjar.score(input, spec);
    List<Row> kept = scored.drop("score").collectAsList();

    assertThat(Plans.score(scored).child().supportsColumnar()).isEqualTo(columnar);
    assertThat(kept).isEqualTo(input.where("id < 10").collectAsList());
    assertThat(Nightjar.score(input, spec.withBadRows(BadRows.NULL)).drop("score").collectAsList())
        .isEqualTo(input.collectAsList());
  }

  @Test
  void partitionColumnsAndNulls() {
    SparkSession session = LocalSpark.session();
    Path model = TinyModel.write(folder.resolve("model"), 1, 1, 10);
    String path = folder.resolve("partitioned").toString();
    session
        .range(0, 20, 1, 1)
        .selectExpr("id % 10 id", "if(id < 10, 'a', null) part", "cast(null as string) nothing")
        .write()
        .partitionBy("part")
        .parquet(path);
    Dataset<Row> input = session.read().parquet(path).selectExpr("*", "null void");
    ScoringSpec spec =
        ScoringSpec.of(model.toString())
            .withFeature("d0", FeatureSource.column("id"))
            .withFeature("s0", FeatureSource.column("id"));

    assertThat(Nightjar.score(input, spec).drop("score").collectAsList())
        .hasSize(20)
        .containsExactlyInAnyOrderElementsOf(input.collectAsList());
  }
}
