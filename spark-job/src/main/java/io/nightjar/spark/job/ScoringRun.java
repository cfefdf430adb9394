package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.publish.LockOwner;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.publish.PublishLock;
import io.nightjar.spark.publish.RunFolder;
import io.nightjar.spark.spec.BadRows;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Carries a plan out, alone on its output and run date: checks, scores into the run's own folder,
 * counts what lies there, publishes.
 *
 * <p>Rows are counted in the input and in the staged files, not by accumulators: those count some
 * rows twice when tasks run again.
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

  ScoringRun(SparkSession session, ScoringConf conf, ModelInfo model, RunPlan plan, Stages stages)
      throws IOException {
    this.session = session;
    this.conf = conf;
    this.model = model;
    this.plan = plan;
    this.stages = stages;
    this.output = outputFolder(conf.output(), session.sparkContext().hadoopConfiguration());
    this.publisher =
        conf.output()
            .table()
            .<Publisher>map(table -> new TablePublisher(session, table, conf.output().runDate()))
            .orElseGet(() -> new FolderPublisher(session, output));
    this.runId = RunIdentity.of(conf, model, plan);
    this.manifest =
        new RunManifest(
            runId, conf, model, plan, publisher.target(), session.sparkContext(), stages);
    this.records = new RunRecords(output, conf.output(), conf.metrics());
  }

  private static OutputFolder outputFolder(OutputConf conf, Configuration hadoop)
      throws IOException {
    try {
      return OutputFolder.of(conf.path(), conf.runDate(), hadoop);
    } catch (IllegalArgumentException e) {
      throw new JobException(ExitCode.CONFIG, "Invalid output.path: " + e.getMessage(), e);
    }
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
    try (PublishLock lock =
        PublishLock.acquire(output, LockOwner.here(), conf.output().lockExpiry())) {
      RunFolder folder = RunFolder.open(output, lock, runId, fresh);
      if (!force && publisher.publishedRun().equals(Optional.of(runId))) {
        folder.discard();
        return Optional.empty();
      }
      return Optional.of(scoreAndPublish(folder));
    }
  }

  /** The id by which this run knows its own scores. */
  String runId() {
    return runId;
  }

  private RunSummary scoreAndPublish(RunFolder folder) throws IOException {
    try {
      plan.input().tables().forEach(KeyCheck::check);
      long rowsIn = plan.input().counted().count();
      stages.end("check");
      new UnitWriter(session, conf, plan).write(folder.units());
      stages.end(RunSummary.SCORE);
      ScoredRows rows = staged(rowsIn, folder.scores());
      check(rows);
      Manifest done = manifest.published(rows);
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

  private ScoredRows staged(long rowsIn, Path staged) throws IOException {
    Dataset<Row> written = session.read().schema(plan.scores().schema()).parquet(staged.toString());
    Row counts =
        written.agg(count(lit(1)), count(col(ConfReader.quoted(conf.spec().scoreColumn())))).head();
    FileStatus[] files =
        Stream.of(output.fs().listStatus(staged))
            .filter(status -> status.getPath().getName().endsWith(".parquet"))
            .toArray(FileStatus[]::new);
    return new ScoredRows(
        rowsIn,
        counts.getLong(0),
        counts.getLong(1),
        files.length,
        Stream.of(files).mapToLong(FileStatus::getLen).sum());
  }

  private void check(ScoredRows rows) throws IOException {
    checkCounts(rows);
    if (rows.written() == 0 && !conf.output().allowEmpty() && publisher.isPublished()) {
      throw new JobException(
          ExitCode.GATES,
          "Cannot publish: there is no row to publish, and "
              + publisher.target()
              + " holds published scores; output.allow-empty = true would let nothing replace"
              + " them");
    }
  }

  /** Every row that was read has been scored, or is bad and was dealt with as the config says. */
  private void checkCounts(ScoredRows rows) {
    boolean whole =
        switch (conf.spec().badRows()) {
          case FAIL -> rows.written() == rows.in() && rows.scored() == rows.in();
          case NULL -> rows.written() == rows.in() && rows.scored() <= rows.in();
          case DROP -> rows.written() == rows.scored() && rows.scored() <= rows.in();
        };
    if (!whole) {
      throw new JobException(
          ExitCode.UNEXPECTED,
          "Cannot publish: "
              + rows.in()
              + " rows were to be scored, but "
              + rows.written()
              + " were written, "
              + rows.scored()
              + " of them with a score; did the input change during the run?");
    }
  }

  /** The failure goes on its way; what else fails here goes with it. */
  private void leaveWord(RunFolder folder, Exception why) {
    try {
      records.failed(folder, manifest.failed(Failures.explain(why)));
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private RunSummary summary(ScoredRows rows, Duration gap) {
    return new RunSummary(
        model.config().name(),
        conf.spec().modelVersion().map(name -> name + " ").orElse("") + model.version(),
        plan.backend().toString(),
        String.join(", ", conf.input().source().paths()),
        rows.in(),
        rows.scored(),
        conf.spec().badRows() == BadRows.DROP ? "dropped" : "scored NULL",
        publisher.target(),
        rows.files(),
        rows.bytes(),
        gap,
        stages.times());
  }
}
