package io.nightjar.spark.publish;

import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that a run works in, and the steps by which its scores become what readers see. What
 * lies where in it, {@link RunPaths} says.
 */
public final class RunFolder {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);

  private final OutputFolder output;
  private final PublishLock lock;
  private final RunPaths paths;

  private RunFolder(OutputFolder output, PublishLock lock, RunPaths paths) {
    this.output = output;
    this.lock = lock;
    this.paths = paths;
  }

  /**
   * Takes the workshop over: fences earlier owners off, mends what a kill between two renames left,
   * goes on in the folder of a dead run with the same id, and deletes those of others.
   *
   * @param fresh whether to begin anew even so
   * @throws LockException if another run has taken the lock over
   */
  public static RunFolder open(OutputFolder output, PublishLock lock, String runId, boolean fresh)
      throws IOException {
    return new RunFolder(output, lock, Takeover.of(output, lock, runId, fresh));
  }

  /**
   * A folder for the word of a run that failed before it held the lock. It holds nothing that a run
   * could go on from: the next {@link #open} deletes it.
   */
  public static Path withoutLock(OutputFolder output) throws IOException {
    Path folder = new Path(output.workshop(), RunPaths.PREFIX + "early-" + LockOwner.here().id());
    output.fs().mkdirs(folder);
    return folder;
  }

  /** Where this run works. */
  public Path path() {
    return paths.folder();
  }

  /** The parts that {@link #scores} is staged in. */
  public StagedUnits units() throws IOException {
    Takeover.takeQuarantineBack(output, paths);
    return new StagedUnits(output, paths);
  }

  /** What will be published; the run writes it. */
  public Path scores() {
    return paths.scores();
  }

  /** The bad rows, where the run sets them aside. */
  public Path quarantine() {
    return paths.quarantine();
  }

  /**
   * Puts the quarantined rows where the output has them, in the place of those of an earlier run,
   * even if there are none any more.
   *
   * @throws LockException if another run has taken the lock over; nothing is changed
   */
  public void publishQuarantine() throws IOException {
    Path place = output.quarantine().orElseThrow();
    boolean some = !output.list(paths.quarantine()).isEmpty();
    boolean replacing = output.fs().exists(place);
    lock.check();
    if (some && replacing) {
      swap(paths.quarantine(), place, paths.replacedQuarantine());
    } else if (some) {
      output.fs().mkdirs(place.getParent());
      output.folders().rename(paths.quarantine(), place);
    } else if (replacing) {
      output.folders().rename(place, paths.replacedQuarantine());
    }
  }

  /** Makes the staged scores what readers see, in one step that another system takes. */
  @FunctionalInterface
  public interface Commit {
    /** Takes the step. */
    void run() throws IOException;
  }

  /**
   * Publishes by {@code commit}, which another owner's commit that came between must make fail.
   *
   * @throws LockException if another run has taken the lock over; nothing is committed
   */
  public void publishBy(Commit commit) throws IOException {
    lock.check();
    commit.run();
    deleteFolder();
  }

  /**
   * Makes the staged scores what readers see.
   *
   * <p>The first time that is one rename. A date that is there already takes two, and in between
   * readers find nothing: a kill there is mended by the next {@link #open}.
   *
   * @param manifest what the manifest says beside the scores
   * @return how long readers found nothing; zero where there was nothing before
   * @throws LockException if another run has taken the lock over; readers see what they saw before
   */
  public Duration publish(String manifest) throws IOException {
    output.write(new Path(paths.scores(), PublishedFiles.MANIFEST), manifest);
    output.write(new Path(paths.scores(), PublishedFiles.SUCCESS), "");
    output.fs().mkdirs(output.published().getParent());
    boolean replacing = output.isPublished();
    lock.check();
    Duration gap = Duration.ZERO;
    if (replacing) {
      gap = swap(paths.scores(), output.published(), paths.replaced());
    } else {
      output.folders().rename(paths.scores(), output.published());
    }
    deleteFolder();
    return gap;
  }

  private void deleteFolder() {
    try {
      output.fs().delete(paths.folder(), true);
    } catch (IOException e) {
      // Readers see the new scores; the next start deletes what is left here.
      LOG.warn("Cannot delete the folder of a run that is published: {}", paths.folder(), e);
    }
  }

  /** Sets {@code to} aside and puts {@code from} in its place; how long nothing was there. */
  private Duration swap(Path from, Path to, Path aside) throws IOException {
    long begin = System.nanoTime();
    output.folders().rename(to, aside);
    try {
      output.folders().rename(from, to);
    } catch (IOException e) {
      output.folders().rename(aside, to);
      throw e;
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Leaves word of a failure in the run's own folder, where the next {@link #open} finds it. */
  public void fail(String manifest) throws IOException {
    output.write(paths.manifest(), manifest);
  }

  /** Deletes the folder and what was staged. */
  public void discard() throws IOException {
    output.fs().delete(paths.folder(), true);
  }
}
