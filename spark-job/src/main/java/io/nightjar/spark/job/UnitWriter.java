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
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;

/**
 * Scores what a run lacks, and keeps the units that an earlier attempt of the run has staged.
 *
 * <p>That is one write of Spark's, which is staged in units as its tasks end ({@link UnitStaging}).
 * Where pairs have to move, each unit is a write, and several are under way side by side.
 */
final class UnitWriter {
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
    this.driving = plan.input().driving();
    this.footers = driving;
  }

  /**
   * Writes the units that {@code staged} lacks; when one fails the others are cancelled.
   *
   * @return every unit and when it was written; of a kept one, when it was found
   */
  List<Manifest.Unit> write(StagedUnits staged) throws IOException {
    UnitLedger ledger = UnitLedger.open(staged, edition);
    List<Unit> lacking = lacking(ledger.read());
    try {
      // With one write nothing is read twice.
      if (lacking.size() > 1) {
        plan.input().tables().forEach(this::prepare);
      }
      SideBySide.write(spark, lacking, unit -> write(unit, staged, ledger));
    } finally {
      prepared.forEach(PreparedTable::close);
      plan.input().sent().ifPresent(SentTables::close);
    }
    return ledger.units();
  }

  /**
   * What is to be written: all that lacks at once, where each task can say what it has read. Rows
   * that are brought to users or items come together from everywhere; those are written unit by
   * unit.
   */
  private List<Unit> lacking(List<FilePart> read) throws IOException {
    List<FilePart> parts = FileParts.lacking(FileParts.whole(driving.files()), read);
    if (parts.isEmpty() && !read.isEmpty()) {
      return List.of();
    }
    if (plan.input().join().filter(order -> !order.isSent()).isPresent()) {
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

  private long unitBytes() {
    return UnitPlanner.unitBytes(driving.bytes(), conf.output().unitBytes());
  }

  private void prepare(ScoringInput.KeyedRows table) {
    Column key = col(ConfReader.quoted(table.conf().key()));
    prepared.add(PreparedTable.of(table.rows(), key, spark.defaultParallelism()));
  }

  private void write(Unit unit, StagedUnits staged, UnitLedger ledger) throws IOException {
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
        UnitStaging.of(ledger, unit, folder, unitBytes(), spark.hadoopConfiguration())) {
      writer.save(folder.toString());
      staging.finish();
    }
    staged.clear(unit.name());
  }
}
