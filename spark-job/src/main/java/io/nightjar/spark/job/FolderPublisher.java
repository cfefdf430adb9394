package io.nightjar.spark.job;

import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.publish.RunFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Publishes plain Parquet by renaming folders. */
record FolderPublisher(SparkSession session, OutputFolder output) implements Publisher {
  private static final int EXAMPLES = 3;

  @Override
  public String target() {
    return output.published().toString();
  }

  @Override
  public void check() throws IOException {
    refuseForeign(output, output.published());
  }

  /**
   * Keeps runs from replacing what is none of theirs.
   *
   * @throws JobException if {@code folder} holds what no run wrote
   */
  static void refuseForeign(OutputFolder output, Path folder) throws IOException {
    List<String> foreign = output.foreignFiles(folder);
    if (!foreign.isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Cannot replace "
              + folder
              + ": it holds "
              + String.join(", ", foreign.subList(0, Math.min(EXAMPLES, foreign.size())))
              + (foreign.size() > EXAMPLES ? " and " + (foreign.size() - EXAMPLES) + " more" : "")
              + ", which no run of this job wrote");
    }
  }

  @Override
  public boolean isPublished() throws IOException {
    return output.isPublished();
  }

  @Override
  public Optional<String> publishedRun() throws IOException {
    return output.publishedRun();
  }

  @Override
  public Optional<String> lastManifest() throws IOException {
    return output.lastManifest();
  }

  @Override
  public Duration publish(String id, RunFolder run, String manifest) throws IOException {
    return run.publish(manifest);
  }

  @Override
  public Dataset<Row> read() {
    return session.read().parquet(target());
  }
}
