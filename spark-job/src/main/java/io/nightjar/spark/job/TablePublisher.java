package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.nightjar.spark.publish.RunFolder;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Publishes by one commit of a table format, which replaces the run date's partition, or all rows
 * where there are no run dates. The commit says which run made it; it fails if another commit on
 * the same rows came since this run looked at its lock.
 *
 * <p>Written for Apache Iceberg: names of options and of metadata tables are its own.
 */
record TablePublisher(SparkSession session, String table, Optional<LocalDate> runDate)
    implements Publisher {
  private static final String RUN_DATE = "run_date";
  private static final String RUN_ID_PROPERTY = "nightjar.run-id";
  private static final String RUN_DATE_PROPERTY = "nightjar.run-date";
  private static final String MANIFEST_PROPERTY = "nightjar.manifest";

  @Override
  public String target() {
    return table + runDate.map(day -> " (" + RUN_DATE + " = " + day + ")").orElse("");
  }

  @Override
  public void check() {
    List<String> names = Arrays.asList(table.split("\\."));
    String catalog = "spark.sql.catalog." + names.get(0);
    if (names.size() > 2 && session.conf().getOption(catalog).isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid output.table: "
              + table
              + ", expected a table of a catalog that is set up by "
              + catalog);
    }
    if (exists() && runDate.isPresent() && Columns.find(session.table(table), RUN_DATE).isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid output.table: "
              + table
              + ", expected a table with a column "
              + RUN_DATE
              + ", or output.partition-by-run-date = false");
    }
  }

  @Override
  public boolean isPublished() {
    return exists() && !read().isEmpty();
  }

  @Override
  public Optional<String> publishedRun() {
    return newest(RUN_ID_PROPERTY, "=");
  }

  /** The manifest of the run that readers see now. */
  Optional<String> publishedManifest() {
    return newest(MANIFEST_PROPERTY, "=");
  }

  @Override
  public Optional<String> lastManifest() {
    return newest(MANIFEST_PROPERTY, runDate.isPresent() ? "<" : "=");
  }

  /**
   * A property of the last commit of the last run date that is equal to this one, or before it. The
   * current snapshot and its ancestors count: what was rolled back is not there.
   */
  private Optional<String> newest(String property, String comparison) {
    if (!exists()) {
      return Optional.empty();
    }
    return session
        .sql(
            """
            select s.summary['%s'] from %s.snapshots s join %s.history h using (snapshot_id)
            where h.is_current_ancestor and s.summary['%s'] %s '%s'
            order by s.summary['%s'] desc, s.committed_at desc limit 1
            """
                .formatted(
                    property,
                    table,
                    table,
                    RUN_DATE_PROPERTY,
                    comparison,
                    date(),
                    RUN_DATE_PROPERTY))
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .findFirst();
  }

  @Override
  public Duration publish(String id, RunFolder run, String manifest) throws IOException {
    Dataset<Row> scores = session.read().parquet(run.scores().toString());
    if (runDate.isPresent()) {
      scores = scores.withColumn(RUN_DATE, lit(date()).cast("date"));
    }
    boolean exists = exists();
    // All rows are of one partition: no need to bring them together first.
    DataFrameWriterV2<Row> write =
        scores
            .writeTo(table)
            .option("distribution-mode", "none")
            .option("isolation-level", "serializable")
            .option("snapshot-property." + RUN_ID_PROPERTY, id)
            .option("snapshot-property." + RUN_DATE_PROPERTY, date())
            .option("snapshot-property." + MANIFEST_PROPERTY, manifest);
    Optional<Long> snapshot = exists ? currentSnapshot() : Optional.empty();
    snapshot.ifPresent(last -> write.option("validate-from-snapshot-id", last.toString()));
    run.publishBy(() -> commit(write, exists));
    return Duration.ZERO;
  }

  private void commit(DataFrameWriterV2<Row> write, boolean exists) throws IOException {
    try {
      if (exists) {
        write.overwrite(rows());
      } else {
        (runDate.isPresent() ? write.partitionedBy(col(RUN_DATE)) : write).create();
      }
    } catch (AnalysisException e) {
      throw new IOException("Cannot write to table " + table + ": " + e.getMessage(), e);
    }
  }

  /** The rows that a run replaces. */
  private Column rows() {
    return runDate.isPresent() ? col(RUN_DATE).equalTo(lit(date()).cast("date")) : lit(true);
  }

  private Optional<Long> currentSnapshot() {
    List<Row> last =
        session
            .sql(
                "select snapshot_id from %s.history order by made_current_at desc limit 1"
                    .formatted(table))
            .collectAsList();
    return last.stream().map(row -> row.getLong(0)).findFirst();
  }

  @Override
  public Dataset<Row> read() {
    return session.table(table).where(rows());
  }

  private boolean exists() {
    return session.catalog().tableExists(table);
  }

  /** What tells runs of one table apart, beside their ids. */
  private String date() {
    return runDate.map(LocalDate::toString).orElse("");
  }
}
