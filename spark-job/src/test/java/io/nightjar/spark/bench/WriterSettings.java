package io.nightjar.spark.bench;

import com.sun.management.OperatingSystemMXBean;
import io.nightjar.spark.output.NumbersFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * What writing a key and a score costs under Parquet's settings, and as the job writes: processor
 * time and bytes a row, in turns. Run by {@code spark-submit}.
 */
public final class WriterSettings {
  private final SparkSession spark = SparkSession.builder().getOrCreate();
  private final Path folder;
  private final long rows;

  private WriterSettings(Path folder, long rows) {
    this.folder = folder;
    this.rows = rows;
  }

  /**
   * Entry point.
   *
   * @param args folder, rows, rounds
   */
  public static void main(String[] args) throws IOException {
    WriterSettings bench =
        new WriterSettings(Path.of(args[0]).toAbsolutePath(), Long.parseLong(args[1]));
    bench.make();
    bench.run(Integer.parseInt(args[2]));
    bench.spark.stop();
  }

  /** Keys one after another, scores of normal logits, in files that cost little to read. */
  private void make() {
    if (!Files.exists(input().resolve("_SUCCESS"))) {
      spark
          .range(0, rows, 1, 16)
          .selectExpr("id as row_id", "cast(1 / (1 + exp(-2.2 * randn(3))) as float) as score")
          .write()
          .option("compression", "none")
          .option("parquet.enable.dictionary", "false")
          .parquet(input().toString());
    }
  }

  private void run(int rounds) throws IOException {
    Map<String, List<Double>> costs = new LinkedHashMap<>();
    Map<String, Long> bytes = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, DataFrameWriter<Row>> step : writers().entrySet()) {
        double cost = cost(step.getValue());
        // The first round warms up.
        if (round > 0) {
          costs.computeIfAbsent(step.getKey(), name -> new ArrayList<>()).add(cost);
          bytes.put(step.getKey(), bytesOf(output()));
        }
      }
    }
    System.out.println("| | CPU ns a row | bytes a row |\n|---|---|---|");
    costs.forEach(
        (name, all) ->
            System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.2f |%n",
                name,
                Median.of(all),
                (double) bytes.get(name) / rows));
  }

  private Map<String, DataFrameWriter<Row>> writers() {
    Map<String, DataFrameWriter<Row>> writers = new LinkedHashMap<>();
    writers.put("read, turned into rows and thrown away", writer("noop"));
    writers.put("Spark's writer, zstd", parquet("zstd"));
    writers.put("… no dictionary", parquet("zstd").option("parquet.enable.dictionary", "false"));
    writers.put(
        "… no dictionary of the score",
        parquet("zstd").option("parquet.enable.dictionary#score", "false"));
    writers.put(
        "… zstd level 1", parquet("zstd").option("parquet.compression.codec.zstd.level", "1"));
    writers.put(
        "… a million rows a page", parquet("zstd").option("parquet.page.row.count.limit", 1000000));
    writers.put("… groups of 16 MiB", parquet("zstd").option("parquet.block.size", 16 << 20));
    writers.put(
        "… no statistics", parquet("zstd").option("parquet.column.statistics.enabled", "false"));
    writers.put(
        "… no checksums", parquet("zstd").option("parquet.page.write-checksum.enabled", "false"));
    writers.put("… format v2", parquet("zstd").option("parquet.writer.version", "v2"));
    for (String codec : List.of("snappy", "lz4_raw", "none")) {
      writers.put("Spark's writer, " + codec, parquet(codec));
    }
    for (String codec : List.of("zstd", "snappy", "lz4_raw", "none")) {
      writers.put(
          "the job's writer, " + codec, writer(NumbersFormat.NAME).option("compression", codec));
    }
    writers.put(
        "the job's writer, zstd level 1",
        writer(NumbersFormat.NAME)
            .option("compression", "zstd")
            .option("parquet.compression.codec.zstd.level", "1"));
    return writers;
  }

  private DataFrameWriter<Row> parquet(String codec) {
    return writer("parquet").option("compression", codec);
  }

  private DataFrameWriter<Row> writer(String format) {
    return spark
        .read()
        .parquet(input().toString())
        .write()
        .mode(SaveMode.Overwrite)
        .format(format)
        .option("path", output().toString());
  }

  private double cost(DataFrameWriter<Row> writer) throws IOException {
    org.apache.hadoop.fs.Path last = new org.apache.hadoop.fs.Path(output().toString());
    last.getFileSystem(spark.sparkContext().hadoopConfiguration()).delete(last, true);
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long before = system.getProcessCpuTime();
    writer.save();
    return (double) (system.getProcessCpuTime() - before) / rows;
  }

  private static long bytesOf(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".parquet"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  private Path input() {
    return folder.resolve("scores");
  }

  private Path output() {
    return folder.resolve("written");
  }
}
