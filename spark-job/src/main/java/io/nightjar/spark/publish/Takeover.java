package io.nightjar.spark.publish;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a run that has the lock takes the workshop over from those before it.
 *
 * <p>The owner in the name of a run's folder is what fences earlier owners off: every folder that
 * is found is renamed, so whoever worked there, should he wake, has nothing left to rename. That
 * holds at any point where he stood.
 */
final class Takeover {
  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);
  private static final String STALE = "stale-";

  private Takeover() {}

  /**
   * Fences earlier owners off, mends what a kill between two renames left, goes on in the folder of
   * a dead run with the same id, and deletes those of others.
   *
   * @param fresh whether to begin anew even so
   * @return where the run works
   * @throws LockException if another run has taken the lock over
   */
  static RunPaths of(OutputFolder output, PublishLock lock, String runId, boolean fresh)
      throws IOException {
    String owner = lock.owner().id();
    RunPaths own = new RunPaths(new Path(output.workshop(), RunPaths.PREFIX + runId + "-" + owner));
    List<Path> stale = new ArrayList<>(output.workFolders(STALE));
    boolean resumed = false;
    for (Path dead : output.workFolders(RunPaths.PREFIX)) {
      boolean same = dead.getName().startsWith(RunPaths.PREFIX + runId + "-");
      Path to = own.folder();
      if (fresh || resumed || !same) {
        to = new Path(output.workshop(), STALE + owner + "-" + stale.size());
        stale.add(to);
      } else {
        resumed = true;
      }
      output.folders().rename(dead, to);
    }
    // Whoever worked there can rename nothing any more.
    output.fs().mkdirs(own.folder());
    output.fs().delete(own.manifest(), false);
    mend(output, own);
    for (Path dead : stale) {
      mend(output, new RunPaths(dead));
    }
    lock.check();
    // Of a run that died claiming the lock; a living one makes its claim again.
    stale.addAll(output.workFolders(PublishLock.CLAIM));
    for (Path dead : stale) {
      output.fs().delete(dead, true);
    }
    return own;
  }

  /** Readers see nothing if a kill fell between the renames: they get the old scores back. */
  private static void mend(OutputFolder output, RunPaths dead) throws IOException {
    if (!putBack(output, dead.replaced(), output.published())) {
      output.fs().delete(dead.replaced(), true);
    }
    if (output.quarantine().isPresent()) {
      putBack(output, dead.replacedQuarantine(), output.quarantine().get());
    }
  }

  /** Whether {@code place} was empty and has now what was set aside. */
  private static boolean putBack(OutputFolder output, Path aside, Path place) throws IOException {
    if (!output.fs().exists(aside) || output.fs().exists(place)) {
      return false;
    }
    LOG.warn("Putting {} back: a run ended between its two renames", place);
    output.folders().rename(aside, place);
    return true;
  }

  /** A killed attempt put its bad rows in place, and did not come to publish: they are staged. */
  static void takeQuarantineBack(OutputFolder output, RunPaths own) throws IOException {
    boolean gone = output.fs().exists(own.units()) && !output.fs().exists(own.quarantine());
    if (gone
        && output.fs().exists(own.scores())
        && output.quarantine().isPresent()
        && output.fs().exists(output.quarantine().get())) {
      output.folders().rename(output.quarantine().get(), own.quarantine());
      putBack(output, own.replacedQuarantine(), output.quarantine().get());
    }
  }
}
