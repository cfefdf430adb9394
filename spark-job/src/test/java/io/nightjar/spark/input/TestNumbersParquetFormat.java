package io.nightjar.spark.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Which scans are read by whole columns, and that a query gets the same of either reader. */
class TestNumbersParquetFormat {
  private final SparkSession spark = LocalSpark.session();

  @TempDir Path folder;

  @BeforeEach
  void writeTable() {
    spark
        .range(0, 500, 1, 2)
        .selectExpr(
            "cast(id as int) as i",
            "if(id % 3 = 0, null, cast(id as float)) as f",
            "sequence(0, id % 4) as l",
            "string(id) as s",
            "cast(id % 2 as int) as day")
        .write()
        .mode(SaveMode.Overwrite)
        .partitionBy("day")
        .parquet(folder.toString());
  }

  private Dataset<Row> numbers() {
    return spark.read().format(NumbersParquetFormat.class.getName()).load(folder.toString());
  }

  private Dataset<Row> parquet() {
    return spark.read().parquet(folder.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "i, f, l, day | true",
        "i, f, l, day | i > 40",
        "day, l | day = 1",
        "s, i | true",
        "i | s like '1%'",
        "_metadata.row_index, i | true",
        "day | true",
        "count(*), sum(i), sum(size(l)) | f is null"
      })
  void aQueryGetsTheSame(String columns, String where) {
    for (boolean offHeap : new boolean[] {false, true}) {
      spark.conf().set("spark.sql.columnVector.offheap.enabled", offHeap);
      assertThat(rows(numbers(), columns, where))
          .isNotEmpty()
          .isEqualTo(rows(parquet(), columns, where));
    }
  }

  private static List<String> rows(Dataset<Row> table, String columns, String where) {
    return table.where(where).selectExpr(columns.split(", ")).collectAsList().stream()
        .map(ScannedFiles::text)
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "i int, f float, l array<bigint>, d double | true | true",
        "i int, f float, l array<bigint>, d double | false | false",
        "i int, s string | true | false",
        "i int, a array<array<int>> | true | false",
        "i int, a array<string> | true | false",
        "d date | true | false",
        "t timestamp | true | false",
        "n decimal(9, 2) | true | false",
        "h smallint | true | false",
      })
  void scansOfNumbersByBatches(String schema, boolean batches, boolean isOurs) {
    assertThat(isOurs(schema, batches)).isEqualTo(isOurs);
  }

  @Test
  void scansOfNoColumnAreSparks() {
    assertThat(isOurs("", true)).isFalse();
  }

  @Test
  void scansWithFiltersAreSparks() {
    assertThat(isOurs("i int", true)).isTrue();
    assertThat(isOurs("i int", true, new IsNotNull("i"))).isFalse();
  }

  @Test
  void scansThatMatchFieldsByTheirIdAreSparks() {
    spark.conf().set("spark.sql.parquet.fieldId.read.enabled", true);
    assertThat(isOurs("i int", true)).isFalse();
  }

  private boolean isOurs(String schema, boolean batches, Filter... filters) {
    StructType scan = schema.isEmpty() ? new StructType() : StructType.fromDDL(schema);
    Seq<Filter> pushed = CollectionConverters.asScala(List.of(filters)).toSeq();
    Map<String, String> options =
        Map.from(
            CollectionConverters.asScala(
                java.util.Map.of(FileFormat.OPTION_RETURNING_BATCH(), String.valueOf(batches))));
    return new NumbersParquetFormat()
            .buildReaderWithPartitionValues(
                spark,
                scan,
                new StructType(),
                scan,
                pushed,
                options,
                spark.sessionState().newHadoopConf())
        instanceof NumbersScan;
  }
}
