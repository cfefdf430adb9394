package io.nightjar.spark.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.job.DuckDb;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are read as Spark reads them, however they were written. */
class TestNumbersReader {
  private static final int BATCH = 64;

  private final SparkSession spark = LocalSpark.session();

  @TempDir Path folder;

  /** Every type, alone and in arrays, with nulls here and there and in whole pages. */
  private Dataset<Row> numbers(int rows) {
    return spark
        .range(0, rows, 1, 1)
        .selectExpr(
            "id as key",
            "if(id % 7 = 3, null, cast(id * -3 as int)) as few_nulls",
            "if(id div 100 = 1, null, id * 1000000007) as pages_of_nulls",
            "if(id % 2 = 0, null, cast(id / 3 as float)) as many_nulls",
            "cast(null as float) as all_null",
            "case id % 5 when 0 then cast('NaN' as double) when 1 then -0.0D"
                + " when 2 then cast('-Infinity' as double) else id / 7D end as ends",
            "cast(hash(id) % 10 as int) as few_values",
            "cast(id div 50 as float) as runs",
            "if(id % 31 = 5, null, sequence(1, 1 + cast(hash(id) & 3 as int))) as bags",
            "transform(filter(sequence(0, cast(id % 9 as int)), i -> i > 2), i -> i * id) as longs",
            "transform(sequence(1, cast(id % 4 as int) + 1),"
                + " i -> if(hash(i, id) % 3 = 0, null, cast(i / (id + 1) as float))) as gaps",
            "if(id % 2 = 0, null, if(id % 3 = 0, array(), array(cast(id as double)))) as rare",
            "if(id % 50 = 9, sequence(1, 5000), array(1)) as one_is_long");
  }

  private void write(Dataset<Row> table, Map<String, String> options) {
    table.write().mode(SaveMode.Overwrite).options(options).parquet(folder.toString());
  }

  /** By Spark's other reader, which is Parquet's own and knows every encoding. */
  private void assertSameAsSparks(StructType schema, int capacity, boolean offHeap) {
    spark.conf().set("spark.sql.parquet.enableVectorizedReader", false);
    List<String> expected =
        spark.read().schema(schema).parquet(folder.toString()).collectAsList().stream()
            .map(ScannedFiles::text)
            .toList();
    assertThat(new ScannedFiles(spark, schema, capacity, offHeap).rows(folder)).isEqualTo(expected);
  }

  static Stream<Map<String, String>> settings() {
    return Stream.of(
        Map.of(),
        Map.of("parquet.enable.dictionary", "false"),
        Map.of("parquet.writer.version", "PARQUET_2_0"),
        Map.of("parquet.writer.version", "PARQUET_2_0", "parquet.enable.dictionary", "false"),
        Map.of("parquet.page.row.count.limit", "100"),
        Map.of("parquet.writer.version", "PARQUET_2_0", "parquet.page.row.count.limit", "100"),
        Map.of("parquet.dictionary.page.size", "200", "parquet.page.row.count.limit", "37"),
        Map.of("parquet.block.size", "4096", "parquet.page.size.row.check.min", "1"),
        Map.of("parquet.page.write-checksum.enabled", "false", "compression", "none"),
        Map.of("compression", "snappy"),
        Map.of("compression", "zstd"),
        Map.of("compression", "gzip"),
        Map.of("compression", "lz4_raw"));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everyWayToWriteIsRead(Map<String, String> options) {
    Dataset<Row> table = numbers(1_000);
    write(table, options);
    assertSameAsSparks(table.schema(), BATCH, false);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 64", "63, 64", "64, 64", "65, 64", "300, 7", "300, 1", "300, 4096"})
  void batchesEndAnywhere(int rows, int capacity) {
    Dataset<Row> table = numbers(rows);
    write(table, Map.of("parquet.page.row.count.limit", "41"));
    assertSameAsSparks(table.schema(), capacity, false);
    assertSameAsSparks(table.schema(), capacity, true);
  }

  @Test
  void noRows() {
    Dataset<Row> table = numbers(0);
    write(table, Map.of());
    assertThat(new ScannedFiles(spark, table.schema(), BATCH, false).rows(folder)).isEmpty();
  }

  @Test
  void theSettingsAreWhatTheySay() throws IOException {
    write(numbers(1_000), Map.of());
    assertThat(encodings("few_values")).anyMatch(Encoding::usesDictionary);
    write(numbers(1_000), Map.of("parquet.enable.dictionary", "false"));
    assertThat(encodings("few_values")).contains(Encoding.PLAIN);
    write(
        numbers(1_000),
        Map.of("parquet.writer.version", "PARQUET_2_0", "parquet.enable.dictionary", "false"));
    assertThat(encodings("few_values")).contains(Encoding.DELTA_BINARY_PACKED);
    write(numbers(1_000), Map.of("parquet.dictionary.page.size", "200"));
    assertThat(encodings("key")).contains(Encoding.PLAIN);
    write(
        numbers(1_000),
        Map.of("parquet.block.size", "4096", "parquet.page.size.row.check.min", "1"));
    assertThat(groups()).hasSizeGreaterThan(2);
  }

  private List<BlockMetaData> groups() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Path file = files.filter(path -> path.toString().endsWith(".parquet")).findFirst().get();
      try (ParquetFileReader reader =
          ParquetFileReader.open(
              HadoopInputFile.fromPath(
                  new org.apache.hadoop.fs.Path(file.toUri()), new Configuration()))) {
        return reader.getRowGroups();
      }
    }
  }

  private List<Encoding> encodings(String column) throws IOException {
    return groups().stream()
        .flatMap(group -> group.getColumns().stream())
        .filter(chunk -> chunk.getPath().toDotString().equals(column))
        .map(ColumnChunkMetaData::getEncodings)
        .flatMap(java.util.Set::stream)
        .toList();
  }

  @Test
  void aSplitHasTheRowGroupsWhoseMiddleIsInIt() throws IOException {
    Dataset<Row> table = numbers(2_000).select("key", "bags");
    write(table, Map.of("parquet.block.size", "4096", "parquet.page.size.row.check.min", "1"));
    ScannedFiles scanned = new ScannedFiles(spark, table.schema(), BATCH, false);
    List<String> whole = scanned.rows(folder);
    assertThat(whole).hasSize(2_000);
    List<String> parts = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      Path file = files.filter(path -> path.toString().endsWith(".parquet")).findFirst().get();
      long size = Files.size(file);
      long cut = size / 3;
      scanned.read(file, 0, cut, parts);
      assertThat(parts).isNotEmpty().hasSizeLessThan(2_000);
      scanned.read(file, cut, size, parts);
    }
    assertThat(parts).isEqualTo(whole);
  }

  @Test
  void columnsComeInTheOrderOfTheScan() {
    write(numbers(100), Map.of());
    assertSameAsSparks(numbers(1).select("gaps", "key", "few_nulls").schema(), BATCH, false);
  }

  /** By a writer of another make, which gives elements and levels in its own way. */
  @ParameterizedTest
  @ValueSource(strings = {"V1", "V2"})
  void filesOfDuckDb(String version) {
    DuckDb.run(
        "copy (select i::int as id, if(i % 3 = 0, null, i::float) as f, i * 5000000000 as l,"
            + " case when i % 11 = 0 then null else range((i % 5)::bigint) end as bag,"
            + " [i::double, null] as pair from range(10000) t(i)) to '"
            + folder.resolve("duck.parquet")
            + "' (format parquet, parquet_version "
            + version
            + ", row_group_size 3000)");
    assertSameAsSparks(spark.read().parquet(folder.toString()).schema(), BATCH, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cast(id as short) as a",
        "cast(id as byte) as a",
        "cast(id as timestamp) as a",
        "cast(id as int) as A",
        "cast(id as int) as b",
        "cast(id as long) as a",
        "array(cast(id as int)) as a",
        "named_struct('a', cast(id as int)) as a",
        "cast(id as string) as a"
      })
  void whatIsNotStoredAsItIsReadIsLeftToSpark(String stored) {
    write(spark.range(3).selectExpr(stored), Map.of());
    ScannedFiles ints = new ScannedFiles(spark, StructType.fromDDL("a int"), BATCH, false);
    assertThatThrownBy(() -> ints.rows(folder)).isInstanceOf(ScannedFiles.LeftToSpark.class);
  }

  @Test
  void listsOfTwoLevelsAreLeftToSpark() {
    spark.conf().set("spark.sql.parquet.writeLegacyFormat", true);
    Dataset<Row> table = spark.range(3).selectExpr("array(cast(id as int)) as a");
    write(table, Map.of());
    ScannedFiles lists = new ScannedFiles(spark, table.schema(), BATCH, false);
    assertThatThrownBy(() -> lists.rows(folder)).isInstanceOf(ScannedFiles.LeftToSpark.class);
  }
}
