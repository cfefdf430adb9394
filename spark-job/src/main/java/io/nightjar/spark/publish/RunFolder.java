package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder {@code run-ID-OWNER} that a run works in, and the steps by which its scores become
 * what readers see.
 *
 * <pre>
 *   units/            the parts that are staged one by one ({@link StagedUnits})
 *   scores/           what will be published, with _SUCCESS and _MANIFEST.json
 *   quarantine/       bad rows that the run sets aside
 *   replaced/         what readers saw before, between the two renames of {@link #publish}
 *   replaced-quarantine/  likewise the bad rows that were set aside before
 *   _MANIFEST.json    of a run that failed
 * </pre>
 *
 * <p>The owner in its name is what fences earlier owners off: {@link #open} renames every folder
 * that it finds, so whoever worked there, should he wake, has nothing left to rename. That holds at
 * any point where he stood.
 */
public final class RunFolder {
  /** The manifest's file, in published scores or in the folder of a run that failed. */
  public static final String MANIFEST = "_MANIFEST.json";

  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);

  /** How the names of runs' folders begin. */
  static final String PREFIX = "run-";

  private static final String STALE = "stale-";
  private static final String SUCCESS = "_SUCCESS";
  private static final Set<String> BESIDE_SCORES = Set.of(SUCCESS, MANIFEST, "_REPORT.html");

  private final OutputFolder output;
  private final PublishLock lock;
  private final Path folder;
  private final Path scores;
  private final Path units;
  private final Path quarantine;
  private final Path replaced;
  private final Path replacedQuarantine;

  private RunFolder(OutputFolder output, PublishLock lock, Path folder) {
    this.output = output;
    this.lock = lock;
    this.folder = folder;
    this.scores = new Path(folder, "scores");
    this.units = new Path(folder, "units");
    this.quarantine = new Path(folder, "quarantine");
    this.replaced = replaced(folder);
    this.replacedQuarantine = replacedQuarantine(folder);
  }

  /**
   * Takes the workshop over: fences earlier owners off, mends what a kill between two renames left,
   * goes on in the folder of a dead run with the same id, and deletes those of others.
   *
   * @param fresh whether to begin anew even so
   */
  public static RunFolder open(OutputFolder output, PublishLock lock, String runId, boolean fresh)
      throws IOException {
    String owner = lock.owner().id();
    Path own = new Path(output.workshop(), PREFIX + runId + "-" + owner);
    List<Path> stale = new ArrayList<>(output.workFolders(STALE));
    boolean resumed = false;
    for (Path dead : output.workFolders(PREFIX)) {
      boolean same = dead.getName().startsWith(PREFIX + runId + "-");
      Path to = own;
      if (fresh || resumed || !same) {
        to = new Path(output.workshop(), STALE + owner + "-" + stale.size());
        stale.add(to);
      } else {
        resumed = true;
      }
      output.folders().rename(dead, to);
    }
    // Whoever worked there can rename nothing any more.
    output.fs().mkdirs(own);
    output.fs().delete(new Path(own, MANIFEST), false);
    mend(output, own);
    for (Path dead : stale) {
      mend(output, dead);
    }
    lock.check();
    // Of a run that died claiming the lock; a living one makes its claim again.
    stale.addAll(output.workFolders(PublishLock.CLAIM));
    for (Path dead : stale) {
      output.fs().delete(dead, true);
    }
    return new RunFolder(output, lock, own);
  }

  /** Readers see nothing if a kill fell between the renames: they get the old scores back. */
  private static void mend(OutputFolder output, Path dead) throws IOException {
    if (!putBack(output, replaced(dead), output.published())) {
      output.fs().delete(replaced(dead), true);
    }
    if (output.quarantine().isPresent()) {
      putBack(output, replacedQuarantine(dead), output.quarantine().get());
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

  /**
   * A folder for the word of a run that failed before it held the lock. It holds nothing that a run
   * could go on from: the next {@link #open} deletes it.
   */
  public static Path withoutLock(OutputFolder output) throws IOException {
    Path folder = new Path(output.workshop(), PREFIX + "early-" + LockOwner.here().id());
    output.fs().mkdirs(folder);
    return folder;
  }

  /** Where this run works. */
  public Path path() {
    return folder;
  }

  /** The parts that {@link #scores} is staged in. */
  public StagedUnits units() throws IOException {
    takeQuarantineBack();
    return new StagedUnits(output, units, scores, quarantine);
  }

  /** What will be published; the run writes it. */
  public Path scores() {
    return scores;
  }

  /** The bad rows, where the run sets them aside. */
  public Path quarantine() {
    return quarantine;
  }

  /**
   * Puts the quarantined rows where the output has them, in the place of those of an earlier run,
   * even if there are none any more.
   *
   * @throws LockException if another run has taken the lock over; nothing is changed
   */
  public void publishQuarantine() throws IOException {
    Path place = output.quarantine().orElseThrow();
    boolean some = !output.list(quarantine).isEmpty();
    boolean replacing = output.fs().exists(place);
    lock.check();
    if (some && replacing) {
      swap(quarantine, place, replacedQuarantine);
    } else if (some) {
      output.fs().mkdirs(place.getParent());
      output.folders().rename(quarantine, place);
    } else if (replacing) {
      output.folders().rename(place, replacedQuarantine);
    }
  }

  /** A killed attempt put its bad rows in place, and did not come to publish: they are staged. */
  private void takeQuarantineBack() throws IOException {
    boolean gone = output.fs().exists(units) && !output.fs().exists(quarantine);
    if (gone
        && output.fs().exists(scores)
        && output.quarantine().isPresent()
        && output.fs().exists(output.quarantine().get())) {
      output.folders().rename(output.quarantine().get(), quarantine);
      putBack(output, replacedQuarantine, output.quarantine().get());
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
   * @param manifest what {@link #MANIFEST} says beside the scores
   * @return how long readers found nothing; zero where there was nothing before
   * @throws LockException if another run has taken the lock over; readers see what they saw before
   */
  public Duration publish(String manifest) throws IOException {
    output.write(new Path(scores, MANIFEST), manifest);
    output.write(new Path(scores, SUCCESS), "");
    output.fs().mkdirs(output.published().getParent());
    boolean replacing = output.isPublished();
    lock.check();
    Duration gap = Duration.ZERO;
    if (replacing) {
      gap = swap(scores, output.published(), replaced);
    } else {
      output.folders().rename(scores, output.published());
    }
    deleteFolder();
    return gap;
  }

  private void deleteFolder() {
    try {
      output.fs().delete(folder, true);
    } catch (IOException e) {
      // Readers see the new scores; the next start deletes what is left here.
      LOG.warn("Cannot delete the folder of a run that is published: {}", folder, e);
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
    output.write(new Path(folder, MANIFEST), manifest);
  }

  /** Deletes the folder and what was staged. */
  public void discard() throws IOException {
    output.fs().delete(folder, true);
  }

  /** Whether {@code file}, of published scores, can have been put there by a run. */
  static boolean isOurs(FileStatus file) {
    String name = file.getPath().getName();
    return file.isFile()
        && (BESIDE_SCORES.contains(name)
            || name.startsWith(".")
            || (name.startsWith("part-") && name.endsWith(".parquet")));
  }

  /** The run's id in a manifest, if it is one. */
  static Optional<String> runId(String manifest) {
    try {
      String id = new ObjectMapper().readTree(manifest).at("/run/id").asText();
      return Optional.of(id).filter(text -> !text.isEmpty());
    } catch (JsonProcessingException e) {
      LOG.warn("Published scores have a manifest that is no JSON: {}", e.getOriginalMessage());
      return Optional.empty();
    }
  }

  private static Path replaced(Path folder) {
    return new Path(folder, "replaced");
  }

  private static Path replacedQuarantine(Path folder) {
    return new Path(folder, "replaced-quarantine");
  }
}
