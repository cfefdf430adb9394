package io.nightjar.spark.bench;

import static org.apache.spark.sql.functions.broadcast;

import io.nightjar.scorer.Precision;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.executor.CommittedWrites;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * What it is worth to fill, copy and pool a user's and an item's features once a batch: the same
 * pairs, as examples in one table and as a join, are scored with and without their keys, in turns.
 * Run by {@code spark-submit} with {@code spark.sql.sources.commitProtocolClass} set to {@link
 * io.nightjar.spark.executor.StatisticsCommitProtocol}.
 */
public final class WorkDoneOnce {
  private final SparkSession spark = SparkSession.builder().getOrCreate();
  private final Path folder;

  private WorkDoneOnce(Path folder) {
    this.folder = folder;
  }

  /** One way to score the pairs. */
  private record Way(Dataset<Row> pairs, ScoringSpec spec) {}

  /** What came of a turn. */
  private record Turn(double seconds, ScoringStatistics counted) {}

  /**
   * Entry point.
   *
   * @param args folder, pairs, rows of a table, rounds, backend, precision
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]).toAbsolutePath();
    long pairs = Long.parseLong(args[1]);
    int tableRows = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    BackendChoice backend = BackendChoice.valueOf(args[4].toUpperCase(Locale.ROOT));
    Precision precision = Precision.valueOf(args[5].toUpperCase(Locale.ROOT));
    WorkDoneOnce bench = new WorkDoneOnce(folder);
    if (!Files.exists(folder.resolve("pairs/_SUCCESS"))) {
      PairSet.write(bench.spark, pairs, tableRows, folder);
    }
    bench.run(
        PairSet.spec(
            BenchModel.of("whole").in(folder, tableRows).toString(), backend, precision, tableRows),
        rounds);
    bench.spark.stop();
  }

  private void run(ScoringSpec each, int rounds) throws IOException {
    ScoringSpec user = PairSet.withKey(each, PairSet.Side.USER);
    ScoringSpec both = PairSet.withKey(user, PairSet.Side.ITEM);
    Dataset<Row> examples = table("pairs");
    Dataset<Row> joined =
        table("candidates")
            .join(broadcast(table("users")), "user_id")
            .join(broadcast(table("items")), "item_id");
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("examples, each row", new Way(examples, each));
    ways.put("examples, once a user", new Way(examples, user));
    ways.put("examples, both keys", new Way(examples, both));
    ways.put("joined, each row", new Way(joined, each));
    ways.put("joined, both keys", new Way(joined, both));
    Map<String, List<Turn>> turns = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      List<String> names = new ArrayList<>(ways.keySet());
      if (round % 2 == 1) {
        Collections.reverse(names);
      }
      for (String name : names) {
        Turn turn = score(name, ways.get(name));
        if (round > 0) { // the first one warms up
          turns.computeIfAbsent(name, first -> new ArrayList<>()).add(turn);
        }
      }
    }
    System.out.println(
        "way | M rows/s | fill, ns a row | bytes a row to the device | copy in, ms | compute, ms"
            + " | at work, ms");
    for (String name : ways.keySet()) {
      List<Turn> sorted =
          turns.get(name).stream().sorted(Comparator.comparing(Turn::seconds)).toList();
      print(name, sorted.get(sorted.size() / 2));
    }
    same(ways);
  }

  private Dataset<Row> table(String name) {
    return spark.read().parquet(folder.resolve(name).toString());
  }

  private Turn score(String name, Way way) throws IOException {
    org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(out(name));
    long start = System.nanoTime();
    Nightjar.score(way.pairs(), way.spec())
        .select("row_id", "score")
        .write()
        .mode(SaveMode.Overwrite)
        .option("compression", "zstd")
        .parquet(out.toString());
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Turn(seconds, CommittedWrites.take(out, spark.sparkContext().hadoopConfiguration()));
  }

  private String out(String name) {
    return folder.resolve("out").resolve(name.replaceAll("[^a-z]+", "-")).toString();
  }

  private static void print(String name, Turn turn) {
    ScoringStatistics counted = turn.counted();
    double rows = counted.rowsIn();
    System.out.printf(
        Locale.ROOT,
        "%s | %.2f | %.0f | %.1f | %.1f | %.1f | %.1f%n",
        name,
        rows / turn.seconds() / 1e6,
        counted.stageNanos().getOrDefault(Stage.FILL, 0L) / rows,
        counted.device().getOrDefault(DeviceCount.BYTES_IN, 0L) / rows,
        counted.device().getOrDefault(DeviceCount.COPY_IN_NANOS, 0L) / 1e6,
        counted.device().getOrDefault(DeviceCount.COMPUTE_NANOS, 0L) / 1e6,
        counted.device().getOrDefault(DeviceCount.BUSY_NANOS, 0L) / 1e6);
  }

  /** Every way has written the same scores, bit for bit. */
  private void same(Map<String, Way> ways) {
    Map<String, Row> sums = new LinkedHashMap<>();
    for (String name : ways.keySet()) {
      sums.put(
          name,
          spark
              .read()
              .parquet(out(name))
              .selectExpr("count(*)", "bit_xor(xxhash64(row_id, score))")
              .head());
    }
    if (Set.copyOf(sums.values()).size() > 1) {
      throw new IllegalStateException("Cannot compare ways with other scores: " + sums);
    }
    System.out.println("all of them have the same scores");
  }
}
