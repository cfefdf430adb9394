package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.publish.Leftovers;
import io.nightjar.spark.publish.LockOwner;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.publish.PublishLock;
import io.nightjar.spark.publish.RunFolder;
import io.nightjar.spark.publish.StagedUnits;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Carries a plan out, alone on its output and run date: checks, scores into the run's own folder,
 * looks at the gates, publishes.
 *
 * <p>What the gates look at is what tasks counted and committed with their files, held against the
 * footers of the input and of what was written.
 */
final class ScoringRun {
  private final SparkSession session;
  private final ScoringConf conf;
  private final ModelInfo model;
  private final RunPlan plan;
  private final Stages stages;
  private final OutputFolder output;
  private final Publisher publisher;
  private final String runId;
  private final RunManifest manifest;
  private final RunRecords records;

  /**
   * Makes the run.
   *
   * @param output the folders that it writes to
   * @param manifest learns what becomes of it
   * @param records tell that
   */
  ScoringRun(
      SparkSession session,
      ScoringConf conf,
      ModelInfo model,
      RunPlan plan,
      Stages stages,
      OutputFolder output,
      RunManifest manifest,
      RunRecords records) {
    this.session = session;
    this.conf = conf;
    this.model = model;
    this.plan = plan;
    this.stages = stages;
    this.output = output;
    this.manifest = manifest;
    this.records = records;
    this.publisher =
        conf.output()
            .table()
            .<Publisher>map(table -> new TablePublisher(session, table, conf.output().runDate()))
            .orElseGet(() -> new FolderPublisher(session, output));
    this.runId = RunIdentity.of(conf, model, plan);
    manifest.planned(runId, plan, session.sparkContext().applicationId());
  }

  /** Where the scores are brought to. */
  Publisher publisher() {
    return publisher;
  }

  /**
   * Runs it, and leaves what readers see as it was when that fails.
   *
   * @param force whether to do so even if readers see this very run's scores
   * @param fresh whether to keep nothing of an earlier attempt
   * @return empty if readers see this very run's scores already
   * @throws JobException if rows are bad, or fewer are there than were read
   * @throws io.nightjar.spark.publish.LockException if another run is at work on this run date
   */
  Optional<RunSummary> run(boolean force, boolean fresh) throws IOException {
    publisher.check();
    if (output.quarantine().isPresent()) {
      FolderPublisher.refuseForeign(output, output.quarantine().get());
    }
    try (PublishLock lock =
        PublishLock.acquire(output, LockOwner.here(), conf.output().lockExpiry())) {
      RunFolder folder = RunFolder.open(output, lock, runId, fresh);
      if (!force && publisher.publishedRun().equals(Optional.of(runId))) {
        folder.discard();
        return Optional.empty();
      }
      Leftovers.delete(output, folder.path(), conf.output().lockExpiry());
      return Optional.of(scoreAndPublish(folder));
    }
  }

  /** The id by which this run knows its own scores. */
  String runId() {
    return runId;
  }

  private RunSummary scoreAndPublish(RunFolder folder) throws IOException {
    try {
      Optional<Manifest> last = last();
      records.compareWith(last);
      // Where tables are sent, their keys are looked at on the way.
      if (plan.input().sent().isEmpty()) {
        plan.input().tables().forEach(KeyCheck::check);
      }
      ParquetFooters driving = ParquetFooters.of(driving().files(), hadoop());
      long rowsIn = count(driving);
      stages.end("check");
      StagedUnits units = folder.units();
      List<Manifest.Unit> times =
          new UnitWriter(session, conf, plan, model.edition(), driving).write(units);
      stages.end(RunSummary.SCORE);
      ScoredRows rows =
          staged(rowsIn, folder.scores(), UnitNote.ofRun(units.notes().values()), times);
      manifest.staged(rows);
      rows = checked(rows, last.map(Manifest::statistics), folder);
      stages.end("gates");
      if (output.quarantine().isPresent()) {
        folder.publishQuarantine();
      }
      Manifest done = manifest.published(publisher.target());
      records.staged(folder, done);
      Duration gap = publisher.publish(runId, folder, ManifestFile.toJson(done));
      stages.end("publish");
      records.published(done);
      return summary(rows, gap);
    } catch (Exception e) {
      leaveWord(folder, e);
      throw e;
    }
  }

  /** How many rows are to be scored; the manifest learns how many each table has. */
  private long count(ParquetFooters driving) throws IOException {
    Map<String, Long> counts = new HashMap<>();
    for (InputTable table : plan.input().sources()) {
      ParquetFooters footers =
          table.equals(driving()) ? driving : ParquetFooters.of(table.files(), hadoop());
      counts.put(table.name(), footers.rows());
    }
    manifest.counted(counts);
    Dataset<Row> counted = plan.input().counted();
    // Without a condition the rows to score are those of the table, and no data is read.
    return driving().rows().sameSemantics(counted) ? driving.rows() : counted.count();
  }

  private InputTable driving() {
    return plan.input().driving();
  }

  private ScoredRows staged(long rowsIn, Path scores, UnitNote noted, List<Manifest.Unit> times)
      throws IOException {
    List<FileStatus> files = ParquetFooters.files(scores, hadoop());
    return new ScoredRows(
        rowsIn,
        ParquetFooters.rows(files, hadoop()),
        files.size(),
        files.stream().mapToLong(FileStatus::getLen).sum(),
        noted.content(),
        noted.statistics(),
        times,
        output.quarantine().map(Path::toString),
        List.of());
  }

  /** The rows with what came of the gates, if they are fit to be published. */
  private ScoredRows checked(ScoredRows rows, Optional<ScoringStatistics> last, RunFolder folder)
      throws IOException {
    PublishCheck check = new PublishCheck(conf.safety());
    check.badRows(
        rows.statistics(), output.quarantine().map(place -> folder.quarantine().toString()));
    Dataset<Row> written =
        session.read().schema(plan.scores().schema()).parquet(folder.scores().toString());
    ScoredRows looked = rows.withGates(check.gates(rows, last, written));
    manifest.staged(looked);
    PublishCheck.stop(looked.gates());
    if (!conf.output().allowEmpty()) {
      PublishCheck.stopEmpty(looked, publisher);
    }
    return looked;
  }

  /** The run before this one. */
  private Optional<Manifest> last() throws IOException {
    Optional<String> json = publisher.lastManifest();
    return json.isEmpty()
        ? Optional.empty()
        : Optional.of(ManifestFile.parse("of the last published run", json.get()));
  }

  private Configuration hadoop() {
    return session.sparkContext().hadoopConfiguration();
  }

  private String badRowsBecame() {
    return switch (conf.spec().badRows()) {
      case FAIL -> "";
      case DROP -> "dropped";
      case NULL -> "scored NULL";
      case QUARANTINE -> "quarantined";
    };
  }

  /** The failure goes on its way; what else fails here goes with it. */
  private void leaveWord(RunFolder folder, Exception why) {
    try {
      records.failed(folder, manifest.failed(why));
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private RunSummary summary(ScoredRows rows, Duration gap) {
    UsedHardware used = UsedHardware.of(plan.backend());
    return new RunSummary(
        model.config().name(),
        conf.spec().modelVersion().map(name -> name + " ").orElse("") + model.version(),
        plan.backend().toString(),
        used.kernelTimes(),
        used.deviceMemory(),
        String.join(", ", conf.input().source().paths()),
        rows.in(),
        rows.scored(),
        badRowsBecame(),
        publisher.target(),
        rows.files(),
        rows.bytes(),
        gap,
        stages.times(),
        rows.statistics(),
        manifest.busyShare(plan.backend()),
        rows.gates());
  }
}
