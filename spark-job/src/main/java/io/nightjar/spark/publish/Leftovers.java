package io.nightjar.spark.publish;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs of other dates left that died or failed and were not submitted again. For a time they
 * may be: then the date's own next run cleans up.
 */
public final class Leftovers {
  /** How long nobody must have touched them. */
  static final Duration AGE = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
  private static final String RUN = "leftovers";

  private Leftovers() {}

  /**
   * Deletes leftovers of other dates than {@code output}'s, as the next run for each would, under
   * that date's lock. Ages are differences of the file system's own times.
   *
   * @param fresh a folder that was made just now
   * @param expiry after how long without a heartbeat an owner is dead
   */
  public static void delete(OutputFolder output, Path fresh, Duration expiry) {
    try {
      long now = output.fs().getFileStatus(fresh).getModificationTime();
      for (LocalDate day : output.otherDates()) {
        OutputFolder other = output.at(day);
        if (now - touched(other, other.workshop(), 2) > AGE.toMillis()) {
          delete(other, expiry);
        }
      }
    } catch (IOException e) {
      LOG.warn("Cannot delete what runs of other dates left beside {}", output.workshop(), e);
    }
  }

  private static void delete(OutputFolder other, Duration expiry) throws IOException {
    LOG.info("Deleting what dead runs left in {}", other.workshop());
    try (PublishLock lock = PublishLock.acquire(other, LockOwner.here(), expiry)) {
      RunFolder.open(other, lock, RUN, true).discard();
    } catch (LockException e) {
      LOG.info("Leaving {}: {}", other.workshop(), e.getMessage());
    }
  }

  /** When {@code folder} changed last, or a folder in it down to {@code depth}. */
  private static long touched(OutputFolder output, Path folder, int depth) throws IOException {
    long last = output.fs().getFileStatus(folder).getModificationTime();
    for (FileStatus status : output.list(folder)) {
      last = Math.max(last, status.getModificationTime());
      if (status.isDirectory() && depth > 1) {
        last = Math.max(last, touched(output, status.getPath(), depth - 1));
      }
    }
    return last;
  }
}
