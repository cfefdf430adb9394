package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoringStatistics;
import java.io.Serializable;
import java.util.List;

/**
 * What the one attempt of a task that counts sends to the driver.
 *
 * @param files what it wrote
 * @param statistics what it counted
 * @param read what it read to the end of the table that drives the run; empty where its rows came
 *     from elsewhere, such as out of a shuffle
 */
public record CommittedTask(
    List<WrittenFile> files, ScoringStatistics statistics, List<FilePart> read)
    implements Serializable {

  /** Takes copies that Java serialisation knows. */
  public CommittedTask {
    files = List.copyOf(files);
    read = List.copyOf(read);
  }
}
