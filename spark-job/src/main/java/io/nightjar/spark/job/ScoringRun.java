package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.spec.BadRows;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Carries a plan out: checks, scores into a staged folder, counts what lies there, publishes.
 *
 * <p>Rows are counted in the input and in the staged files, not by accumulators: those count some
 * rows twice when tasks run again.
 */
final class ScoringRun {
  private final ScoringConf conf;
  private final ModelInfo model;
  private final RunPlan plan;
  private final Publisher publisher;
  private final Stages stages;

  ScoringRun(ScoringConf conf, ModelInfo model, RunPlan plan, Publisher publisher, Stages stages) {
    this.conf = conf;
    this.model = model;
    this.plan = plan;
    this.publisher = publisher;
    this.stages = stages;
  }

  /**
   * Runs it, and leaves the output as it was when that fails.
   *
   * @throws JobException if rows are bad, or fewer are there than were read
   */
  RunSummary run(SparkSession session) throws IOException {
    Path staged = publisher.stage();
    try {
      plan.input().tables().forEach(KeyCheck::check);
      long rowsIn = plan.input().counted().count();
      stages.end("check");
      write(staged);
      stages.end(RunSummary.SCORE);
      Row counts = counts(session.read().schema(plan.scores().schema()).parquet(staged.toString()));
      long written = counts.getLong(0);
      long scored = counts.getLong(1);
      checkCounts(rowsIn, written, scored);
      publisher.publish();
      stages.end("publish");
      return summary(session, rowsIn, scored);
    } finally {
      publisher.discard();
    }
  }

  private void write(Path staged) {
    plan.scores()
        .write()
        .option("compression", conf.output().compression())
        .option("maxRecordsPerFile", conf.output().maxRowsPerFile())
        .parquet(staged.toString());
  }

  /** Rows, and rows with a score. */
  private Row counts(Dataset<Row> written) {
    return written
        .agg(count(lit(1)), count(col(ConfReader.quoted(conf.spec().scoreColumn()))))
        .head();
  }

  /** Every row that was read has been scored, or is bad and was dealt with as the config says. */
  private void checkCounts(long rowsIn, long written, long scored) {
    boolean whole =
        switch (conf.spec().badRows()) {
          case FAIL -> written == rowsIn && scored == rowsIn;
          case NULL -> written == rowsIn && scored <= rowsIn;
          case DROP -> written == scored && scored <= rowsIn;
        };
    if (!whole) {
      throw new JobException(
          ExitCode.UNEXPECTED,
          "Cannot publish: "
              + rowsIn
              + " rows were to be scored, but "
              + written
              + " were written, "
              + scored
              + " of them with a score; did the input change during the run?");
    }
  }

  private RunSummary summary(SparkSession session, long rowsIn, long scored) throws IOException {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    FileSystem fs = publisher.target().getFileSystem(hadoop);
    FileStatus[] files =
        Stream.of(fs.listStatus(publisher.target()))
            .filter(status -> status.getPath().getName().endsWith(".parquet"))
            .toArray(FileStatus[]::new);
    return new RunSummary(
        model.config().name(),
        conf.spec().modelVersion().map(name -> name + " ").orElse("") + model.version(),
        plan.backend().toString(),
        String.join(", ", conf.input().source().paths()),
        rowsIn,
        scored,
        conf.spec().badRows() == BadRows.DROP ? "dropped" : "scored NULL",
        publisher.target().toString(),
        files.length,
        Stream.of(files).mapToLong(FileStatus::getLen).sum(),
        stages.times());
  }
}
