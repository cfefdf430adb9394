package io.nightjar.spark.job;

import io.nightjar.spark.publish.RunFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Brings the scores in a run's folder to where readers look, as a whole. */
interface Publisher {

  /** Where readers look, for people. */
  String target();

  /**
   * Looks at what readers see now.
   *
   * @throws JobException if it holds what no run wrote, and so must not be replaced
   */
  void check() throws IOException;

  /** Whether readers see anything now. */
  boolean isPublished() throws IOException;

  /** The id of the run that readers see now. */
  Optional<String> publishedRun() throws IOException;

  /** The manifest of the run before this one, for comparison; empty where there is none. */
  Optional<String> lastManifest() throws IOException;

  /**
   * Puts {@code run}'s scores in the place of what readers see, and the run's folder away.
   *
   * @param id the run's id
   * @param manifest JSON that stands beside the scores
   * @return how long readers found nothing
   */
  Duration publish(String id, RunFolder run, String manifest) throws IOException;

  /** What readers see. */
  Dataset<Row> read();
}
