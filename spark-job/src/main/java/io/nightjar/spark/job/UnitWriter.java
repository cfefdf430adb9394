package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;

import io.nightjar.spark.executor.FilePart;
import io.nightjar.spark.executor.StatisticsCommitProtocol;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.output.LocalOutput;
import io.nightjar.spark.output.NumbersFormat;
import io.nightjar.spark.plan.SentTables;
import io.nightjar.spark.publish.StagedUnits;
import io.nightjar.spark.units.FileParts;
import io.nightjar.spark.units.PreparedTable;
import io.nightjar.spark.units.Unit;
import io.nightjar.spark.units.UnitPlanner;
import io.nightjar.spark.units.UnitScan;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores what a run lacks, and keeps the units that an earlier attempt of the run has staged.
 *
 * <p>That is one write of Spark's, which is staged in units as its tasks end. Where pairs have to
 * move, each unit is a write, and as many are under way side by side as keep every core at work.
 */
final class UnitWriter {
  private static final Logger LOG = LoggerFactory.getLogger(UnitWriter.class);

  private static final int MOST_SIDE_BY_SIDE = 16;

  /** So that no core waits long for the last one, and a killed run loses little of what it read. */
  private static final int TASKS_A_CORE = 16;

  private static final String LEAST_TASKS = "spark.sql.files.minPartitionNum";

  private final SparkSession session;
  private final SparkContext spark;
  private final ScoringConf conf;
  private final RunPlan plan;
  private final String edition;
  private final InputTable driving;
  private final ParquetFooters footers;
  private final List<PreparedTable> prepared = new ArrayList<>();
  private final Queue<Manifest.Unit> times = new ConcurrentLinkedQueue<>();
  private final AtomicInteger numbers = new AtomicInteger();

  /**
   * Makes the writer.
   *
   * @param edition of the model that scores
   * @param driving what the footers of the driving table say
   */
  UnitWriter(
      SparkSession session,
      ScoringConf conf,
      RunPlan plan,
      String edition,
      ParquetFooters driving) {
    this.session = session;
    this.spark = session.sparkContext();
    this.conf = conf;
    this.plan = plan;
    this.edition = edition;
    this.driving = plan.input().sources().get(0);
    this.footers = driving;
  }

  /**
   * Writes the units that {@code staged} lacks; when one fails the others are cancelled.
   *
   * @return every unit and when it was written; of a kept one, when it was found
   */
  List<Manifest.Unit> write(StagedUnits staged) throws IOException {
    Set<String> kept = staged.keep();
    numbers.set(kept.size());
    List<Unit> lacking = lacking(staged);
    if (!kept.isEmpty()) {
      LOG.info("Keeping {} units of an earlier attempt", kept.size());
    }
    try {
      // With one write nothing is read twice.
      if (lacking.size() > 1) {
        plan.input().tables().forEach(this::prepare);
      }
      writeSideBySide(lacking, staged);
    } finally {
      prepared.forEach(PreparedTable::close);
      plan.input().sent().ifPresent(SentTables::close);
    }
    Instant found = Instant.now();
    kept.forEach(
        name -> {
          long rows = UnitNote.parse(staged.notes().get(name)).statistics().rowsIn();
          times.add(new Manifest.Unit(name, rows, found, found, true));
        });
    return List.copyOf(times);
  }

  /**
   * What is to be written: all that lacks at once, where each task can say what it has read. Rows
   * that are brought to users or items come together from everywhere; those are written unit by
   * unit.
   */
  private List<Unit> lacking(StagedUnits staged) throws IOException {
    List<FilePart> read =
        staged.notes().values().stream()
            .flatMap(note -> UnitNote.parse(note).parts().stream())
            .toList();
    List<FilePart> parts = FileParts.lacking(FileParts.whole(driving.files()), read);
    if (parts.isEmpty() && !read.isEmpty()) {
      return List.of();
    }
    if (plan.input().join().map(UnitWriter::movesPairs).orElse(false)) {
      return UnitPlanner.plan(parts, unitBytes(), spark.hadoopConfiguration());
    }
    planTasks(parts);
    return List.of(new Unit(0, parts));
  }

  /**
   * Cuts the one write into many tasks, but so that a task has a row group to read: of a split
   * within one all but one task find nothing.
   */
  private void planTasks(List<FilePart> parts) {
    if (session.conf().contains(LEAST_TASKS)) {
      return;
    }
    // What Spark counts for each file beside its bytes.
    long opening = sql().filesOpenCostInBytes();
    long files = parts.stream().map(FilePart::path).distinct().count();
    long bytes = FileParts.bytes(parts) + files * opening;
    long cores = spark.defaultParallelism();
    long tasks = Math.min(TASKS_A_CORE * cores, bytes / (footers.largestGroup() + opening));
    session.conf().set(LEAST_TASKS, Math.max(cores, tasks));
  }

  private SQLConf sql() {
    return ((org.apache.spark.sql.classic.SparkSession) session).sessionState().conf();
  }

  private static boolean movesPairs(JoinOrder order) {
    return !order.first().sent() || !order.second().sent();
  }

  private long unitBytes() {
    return UnitPlanner.unitBytes(driving.bytes(), conf.output().unitBytes());
  }

  private void prepare(ScoringInput.KeyedRows table) {
    Column key = col(ConfReader.quoted(table.conf().key()));
    prepared.add(PreparedTable.of(table.rows(), key, spark.defaultParallelism()));
  }

  private void writeSideBySide(List<Unit> units, StagedUnits staged) throws IOException {
    String group = "nightjar-" + UUID.randomUUID();
    ExecutorService threads = Executors.newFixedThreadPool(sideBySide(units));
    try {
      CompletionService<Unit> written = new ExecutorCompletionService<>(threads);
      for (Unit unit : units) {
        written.submit(
            () -> {
              spark.setJobGroup(group, "score " + unit.name(), false);
              write(unit, staged);
              return unit;
            });
      }
      for (int i = 0; i < units.size(); i++) {
        written.take().get();
      }
    } catch (ExecutionException e) {
      cancel(threads, group);
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      cancel(threads, group);
      Thread.currentThread().interrupt();
      throw new IOException("Cannot write units: interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Comes back when no unit writes any more: the folder may be another attempt's next. */
  private void cancel(ExecutorService threads, String group) {
    threads.shutdownNow();
    // That of a thread that was about to begin, too.
    spark.cancelJobGroupAndFutureJobs(group);
    try {
      if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.warn("Units that were cancelled are still being written after a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A part of a unit, which is a file or some row groups of one, for each core, and one unit. */
  private int sideBySide(List<Unit> units) {
    double parts = units.stream().mapToInt(unit -> unit.parts().size()).average().orElse(1);
    int wanted = 1 + (int) Math.ceil(spark.defaultParallelism() / Math.max(1, parts));
    return Math.max(1, Math.min(units.size(), Math.min(MOST_SIDE_BY_SIDE, wanted)));
  }

  private void write(Unit unit, StagedUnits staged) throws IOException {
    Path folder = staged.folder(unit.name());
    DataFrameWriter<Row> writer =
        UnitScan.of(plan.scores(), driving.relation(), unit, prepared)
            .write()
            .format(NumbersFormat.NAME)
            .options(LocalOutput.options(spark.hadoopConfiguration()))
            .option("compression", conf.output().compression())
            .option("maxRecordsPerFile", conf.output().maxRowsPerFile());
    if (conf.safety().quarantine().isPresent()) {
      writer.option(StatisticsCommitProtocol.QUARANTINE_OPTION, staged.quarantine().toString());
    }
    try (UnitStaging staging =
        UnitStaging.of(
            staged,
            folder,
            spark.hadoopConfiguration(),
            unit,
            edition,
            unitBytes(),
            numbers::getAndIncrement,
            times::add)) {
      writer.save(folder.toString());
      staging.finish();
    }
    staged.clear(unit.name());
  }

  /** What a unit's thread threw, to be thrown again here. */
  private static RuntimeException failure(Throwable cause) throws IOException {
    if (cause instanceof IOException io) {
      throw io;
    } else if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException("Cannot write a unit: " + cause, cause);
  }
}
