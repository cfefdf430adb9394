package io.nightjar.spark.output;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of numbers are Parquet as any, whoever reads it; other tables are Spark's to write. */
class TestNumbersFormat {
  private static final int PAGE = 100;

  private final SparkSession spark = LocalSpark.session();

  @TempDir Path folder;

  /** Every type, with nulls in some rows of one page and in all of another. */
  private Dataset<Row> numbers(int rows) {
    return spark
        .range(0, rows, 1, 1)
        .selectExpr(
            "id",
            "if(id % 7 = 3, null, cast(id * -3 as int)) as i",
            "if(id div " + PAGE + " = 1, null, id * 1000000007) as l",
            "if(id % 2 = 0, null, cast(id / 3 as float)) as f",
            "case id % 5 when 0 then cast('NaN' as double) when 1 then -0.0D"
                + " when 2 then cast('-Infinity' as double) else id / 7D end as d");
  }

  private void write(Dataset<Row> table, Map<String, String> options) {
    table
        .write()
        .mode(SaveMode.Overwrite)
        .format(NumbersFormat.NAME)
        .option("parquet.page.row.count.limit", PAGE)
        .options(options)
        .save(folder.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 17})
  void readersOfTwoMakesReadWhatWasWritten(int rows) {
    write(numbers(rows), Map.of("compression", "zstd"));
    List<String> expected = texts(numbers(rows));
    assertThat(expected).hasSize(rows);
    for (boolean columnar : new boolean[] {true, false}) {
      spark.conf().set("spark.sql.parquet.enableVectorizedReader", columnar);
      Dataset<Row> read = spark.read().parquet(folder.toString());
      assertThat(texts(read.orderBy("id"))).isEqualTo(expected);
    }
    assertThat(DuckDb.rows("select * from " + DuckDb.parquet(folder) + " order by id"))
        .isEqualTo(expected);
  }

  private static List<String> texts(Dataset<Row> table) {
    return table.collectAsList().stream().map(row -> row.mkString(",")).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "none, UNCOMPRESSED",
    "snappy, SNAPPY",
    "zstd, ZSTD",
    "lz4_raw, LZ4_RAW",
    "gzip, GZIP"
  })
  void everyCodecIsTheOneAskedFor(String codec, CompressionCodecName expected) throws IOException {
    write(numbers(2 * PAGE), Map.of("compression", codec));
    assertThat(chunk(0, 0).getCodec()).isEqualTo(expected);
    assertThat(texts(spark.read().parquet(folder.toString()).orderBy("id")))
        .isEqualTo(texts(numbers(2 * PAGE)));
  }

  @Test
  void statisticsSayWhatAGroupHolds() throws IOException {
    write(numbers(PAGE), Map.of());
    assertThat(chunk(0, 0).getStatistics().minAsString()).isEqualTo("0");
    assertThat(chunk(0, 0).getStatistics().maxAsString()).isEqualTo("99");
    assertThat(chunk(0, 0).getStatistics().getNumNulls()).isZero();
    assertThat(chunk(0, 1).getStatistics().minAsString()).isEqualTo("-297");
    assertThat(chunk(0, 1).getStatistics().maxAsString()).isEqualTo("0");
    assertThat(chunk(0, 1).getStatistics().getNumNulls()).isEqualTo(14);
    assertThat(chunk(0, 3).getStatistics().maxAsString()).isEqualTo("33.0");
    assertThat(chunk(0, 4).getStatistics().hasNonNullValue())
        .as("ends of a column with NaN, which compare with nothing")
        .isFalse();
  }

  @Test
  void pagesAreIndexed() throws IOException {
    write(numbers(3 * PAGE), Map.of());
    try (ParquetFileReader reader = reader()) {
      ColumnIndex index = reader.readColumnIndex(chunk(0, 2));
      assertThat(index.getNullPages()).containsExactly(false, true, false);
      assertThat(index.getNullCounts()).containsExactly(0L, (long) PAGE, 0L);
      assertThat(reader.readOffsetIndex(chunk(0, 2)).getFirstRowIndex(2)).isEqualTo(2L * PAGE);
    }
    assertThat(spark.read().parquet(folder.toString()).where("id = 250").count()).isEqualTo(1);
  }

  @Test
  void groupsEndWhereTheyAreFull() throws IOException {
    write(numbers(5 * PAGE), Map.of("parquet.block.size", "4096"));
    List<Long> rows = new ArrayList<>();
    try (ParquetFileReader reader = reader()) {
      reader.getRowGroups().stream().map(BlockMetaData::getRowCount).forEach(rows::add);
    }
    assertThat(rows).hasSizeGreaterThan(1).allMatch(count -> count % PAGE == 0);
    assertThat(rows.stream().mapToLong(Long::longValue).sum()).isEqualTo(5L * PAGE);
    assertThat(texts(spark.read().parquet(folder.toString()).orderBy("id")))
        .isEqualTo(texts(numbers(5 * PAGE)));
  }

  @Test
  void theFileNamesWhoWroteItAndSparksTypes() throws IOException {
    write(numbers(1), Map.of());
    try (ParquetFileReader reader = reader()) {
      Map<String, String> metadata = reader.getFileMetaData().getKeyValueMetaData();
      assertThat(metadata).containsEntry("org.apache.spark.version", spark.version());
      assertThat(metadata.get("org.apache.spark.sql.parquet.row.metadata"))
          .isEqualTo(numbers(1).schema().json());
    }
    assertThat(file().getFileName().toString()).endsWith(".snappy.parquet");
  }

  @Test
  void otherTypesAndEncodingsAreLeftToSpark() throws IOException {
    Dataset<Row> few = spark.range(0, PAGE, 1, 1).selectExpr("id", "id % 3 as i");
    write(few, Map.of());
    assertThat(dictionary()).isFalse();
    write(few, Map.of("parquet.enable.dictionary", "true"));
    assertThat(dictionary()).isTrue();
    write(few.selectExpr("id", "i", "'' as text"), Map.of());
    assertThat(dictionary()).isTrue();
    write(numbers(PAGE), Map.of("parquet.writer.version", "v2"));
    assertThat(chunk(0, 0).getEncodings()).contains(Encoding.DELTA_BINARY_PACKED);
  }

  private boolean dictionary() throws IOException {
    return chunk(0, 1).hasDictionaryPage();
  }

  private ColumnChunkMetaData chunk(int group, int column) throws IOException {
    try (ParquetFileReader reader = reader()) {
      return reader.getRowGroups().get(group).getColumns().get(column);
    }
  }

  private ParquetFileReader reader() throws IOException {
    return ParquetFileReader.open(
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(file().toString()), new Configuration()));
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }
}
