package io.nightjar.spark.units;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.PartitioningAwareFileIndex;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

/** Every row of a table is in one unit, wherever units and Spark's splits are cut. */
class TestUnits {
  private static final int ROWS = 3_000;

  @TempDir static Path folder;

  @BeforeAll
  static void write() {
    SparkSession spark = LocalSpark.session();
    spark
        .range(ROWS)
        .selectExpr("id", "id % 3 as day", "repeat('x', 40) as padding")
        .repartition(1)
        .write()
        // Looked at after every hundred rows.
        .option("parquet.block.size", 1)
        .partitionBy("day")
        .parquet(folder.resolve("table").toString());
  }

  @ParameterizedTest
  @CsvSource({"1, 134217728", "1, 700", "3000, 700", "3000, 1500", "1000000, 700", "40000, 9999"})
  void everyRowIsInOneUnit(long unitBytes, long splitBytes) throws IOException {
    SparkSession spark = LocalSpark.session();
    spark.conf().set("spark.sql.files.maxPartitionBytes", splitBytes);
    Dataset<Row> table = spark.read().parquet(folder.resolve("table").toString());
    HadoopFsRelation relation = relation(table);
    List<Unit> units = plan(relation, unitBytes);

    List<Long> ids = new ArrayList<>();
    for (Unit unit : units) {
      Dataset<Row> rows = UnitScan.of(table.select("id", "day"), relation, unit, List.of());
      for (Row row : rows.collectAsList()) {
        assertThat(row.getInt(1)).isEqualTo((int) (row.getLong(0) % 3));
        ids.add(row.getLong(0));
      }
    }
    ids.sort(null);
    assertThat(ids).isEqualTo(LongStream.range(0, ROWS).boxed().toList());
    if (unitBytes == 1) {
      assertThat(units).hasSizeGreaterThanOrEqualTo(ROWS / 110);
    } else if (unitBytes == 1_000_000) {
      assertThat(units).hasSize(1);
    }
  }

  @Test
  void aUnitIsReadAsColumns() throws IOException {
    SparkSession spark = LocalSpark.session();
    Dataset<Row> table = spark.read().parquet(folder.resolve("table").toString());
    HadoopFsRelation relation = relation(table);
    Unit unit = plan(relation, 3000).get(1);

    var plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) UnitScan.of(table, relation, unit, List.of()))
            .queryExecution()
            .sparkPlan();

    assertThat(plan.supportsColumnar()).isTrue();
  }

  @Test
  void theSameFilesAreCutAlikeAndOtherUnitsHaveOtherNames() throws IOException {
    HadoopFsRelation relation =
        relation(LocalSpark.session().read().parquet(folder.resolve("table").toString()));
    List<Unit> units = plan(relation, 3000);

    assertThat(plan(relation, 3000)).isEqualTo(units);
    assertThat(plan(relation, 5000).get(0).name()).isNotEqualTo(units.get(0).name());
    assertThat(units.get(1).name()).matches("00001-[0-9a-f]{8}");
  }

  @Test
  void aTableWithoutFilesIsOneEmptyUnit() throws IOException {
    assertThat(UnitPlanner.plan(List.of(), 1, new Configuration()))
        .containsExactly(new Unit(0, List.of()));
  }

  static List<Unit> plan(HadoopFsRelation relation, long bytes) throws IOException {
    return UnitPlanner.plan(FileParts.whole(files(relation)), bytes, new Configuration());
  }

  static HadoopFsRelation relation(Dataset<Row> table) {
    var plan = ((org.apache.spark.sql.classic.Dataset<Row>) table).queryExecution().analyzed();
    return (HadoopFsRelation) ((LogicalRelation) plan).relation();
  }

  private static List<FileStatus> files(HadoopFsRelation relation) {
    var index = (PartitioningAwareFileIndex) relation.location();
    return CollectionConverters.asJava(index.allFiles()).stream()
        .sorted(Comparator.comparing(FileStatus::getPath))
        .toList();
  }
}
