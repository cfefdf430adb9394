package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.publish.LockOwner;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.publish.PublishLock;
import io.nightjar.spark.publish.RunFolder;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody reads without pause while twenty runs of one date are published. */
class TestReaders {
  private static final int RUNS = 20;
  private static final int ROWS = 1_000;
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);

  @TempDir Path folder;

  private final AtomicBoolean done = new AtomicBoolean();

  /** Begun publishes plus ended ones: odd while one is under way. */
  private final AtomicLong publishing = new AtomicLong();

  /**
   * What the reader saw.
   *
   * @param whole polls that gave all rows of one run
   * @param missing polls that gave nothing, or an error
   * @param inside of all polls, those that had a publish begin or end in them, or were within one
   */
  private record Seen(int whole, int missing, int inside) {}

  /** What a poll gives: rows, the least and the greatest number of a run in them. */
  private record Poll(long rows, long least, long greatest) {
    static final Poll NOTHING = new Poll(0, 0, 0);
  }

  @Test
  void readersOfATableAlwaysSeeOneCompleteRun() throws Exception {
    SparkSession session = LocalSpark.session();
    String table = "lake.db.r" + UUID.randomUUID().toString().replace("-", "");
    TablePublisher publisher = new TablePublisher(session, table, Optional.of(DAY));
    publish(publisher, 0);

    Seen seen =
        readWhile(
            () -> {
              Row row =
                  LocalSpark.session()
                      .sql("select count(*), min(run), max(run) from " + table)
                      .head();
              return row.getLong(0) == 0
                  ? Poll.NOTHING
                  : new Poll(row.getLong(0), row.getLong(1), row.getLong(2));
            },
            run -> publish(publisher, run));

    System.out.println("Iceberg: " + seen);
    assertThat(seen.missing()).isZero();
    assertThat(seen.inside()).isPositive();
  }

  @Test
  void readersOfPlainParquetMissARunInTheGapAlone() throws Exception {
    publishParquet(0);
    AtomicLong longest = new AtomicLong();

    Seen seen =
        readWhile(
            this::pollParquet,
            run -> {
              Duration gap = publishParquet(run);
              longest.accumulateAndGet(gap.toNanos(), Math::max);
            });

    System.out.println(
        "Plain Parquet: " + seen + ", longest gap " + longest.get() / 1000 + " microseconds");
    assertThat(seen.whole()).isPositive();
    assertThat(seen.inside()).isPositive();
  }

  private interface Publish {
    void run(int number) throws IOException;
  }

  private Seen readWhile(Callable<Poll> poll, Publish publish) throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<Seen> reader = threads.submit(() -> read(poll));
      for (int run = 1; run <= RUNS; run++) {
        publishing.incrementAndGet();
        publish.run(run);
        publishing.incrementAndGet();
      }
      done.set(true);
      return reader.get();
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
  }

  private Seen read(Callable<Poll> source) throws Exception {
    int whole = 0;
    int missing = 0;
    int inside = 0;
    while (!done.get()) {
      long before = publishing.get();
      Poll poll = source.call();
      long after = publishing.get();
      boolean within = before != after || before % 2 == 1;
      inside += within ? 1 : 0;
      if (poll.rows() == 0) {
        // Not between publishes, only in one.
        assertThat(within).isTrue();
        missing++;
      } else {
        assertThat(poll.rows()).isEqualTo(ROWS);
        assertThat(poll.least()).isEqualTo(poll.greatest());
        assertThat(poll.least()).isBetween(before / 2, after / 2 + 1);
        whole++;
      }
    }
    return new Seen(whole, missing, inside);
  }

  private void publish(TablePublisher publisher, int run) throws IOException {
    OutputFolder output = OutputFolder.of("file:" + folder + "/out", Optional.of(DAY), hadoop());
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), Duration.ofMinutes(1))) {
      RunFolder work = RunFolder.open(output, lock, "r" + run, false);
      publisher
          .session()
          .range(0, ROWS, 1, 2)
          .selectExpr("id", run + "L as run")
          .write()
          .parquet(work.scores().toString());
      publisher.publish("r" + run, work, "{}");
    }
  }

  private Duration publishParquet(int run) throws IOException {
    OutputFolder output = OutputFolder.of("file:" + folder + "/out", Optional.of(DAY), hadoop());
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), Duration.ofMinutes(1))) {
      RunFolder work = RunFolder.open(output, lock, "r" + run, false);
      work.units(); // makes the folder
      for (int part = 0; part < 2; part++) {
        // As Spark does, no two runs name a file alike: a reader finds the one it listed, or none.
        String file = "/part-%d-r%d.parquet".formatted(part, run);
        copy(run, part, work.scores().toUri().getPath() + file);
      }
      return work.publish("{\"run\": {\"id\": \"r" + run + "\"}}");
    }
  }

  private static void copy(int run, int part, String file) throws IOException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "copy (select %d as run, range as id from range(%d, %d)) to '%s' (format parquet)"
              .formatted(run, part * ROWS / 2, (part + 1) * ROWS / 2, file));
    } catch (SQLException e) {
      throw new IOException("Cannot write " + file, e);
    }
  }

  private Poll pollParquet() {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*), min(run), max(run) from "
                    + DuckDb.parquet(folder.resolve("out")))) {
      row.next();
      return new Poll(row.getLong(1), row.getLong(2), row.getLong(3));
    } catch (SQLException e) {
      // No file is there, or one is gone that was listed.
      return Poll.NOTHING;
    }
  }

  private static Configuration hadoop() {
    return new Configuration();
  }
}
