package io.nightjar.spark.publish;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the runs of one date apart. The lock is a folder {@code lock-GENERATION} with its owner in
 * it, put there whole by a rename that one of several wins; the highest generation holds. Its owner
 * touches it; a lock that was not touched for the time of expiry is a dead owner's, and whoever
 * claims the next generation has it.
 *
 * <p>Ages are differences of two times that the file system gave to files. The clocks of the
 * processes are never asked, so they may be wrong.
 *
 * <p>The lock alone cannot stop an owner that was suspended just after {@link #check}: {@link
 * Takeover} takes away the folders that its renames need.
 */
public final class PublishLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PublishLock.class);
  static final String CLAIM = "claim-";
  private static final String LOCK = "lock-";
  private static final String OWNER = "owner.json";
  private static final String HEARTBEAT = "heartbeat";
  private static final int ATTEMPTS = 20;
  private static final Duration LAST_BEAT = Duration.ofSeconds(30);

  private final OutputFolder output;
  private final LockOwner owner;
  private final long generation;
  private final ScheduledExecutorService heart;

  private PublishLock(OutputFolder output, LockOwner owner, long generation, Duration expiry) {
    this.output = output;
    this.owner = owner;
    this.generation = generation;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "nightjar-lock");
              thread.setDaemon(true);
              return thread;
            });
    long interval = Math.max(1, expiry.toMillis() / 6);
    var unused =
        heart.scheduleWithFixedDelay(this::beat, interval, interval, TimeUnit.MILLISECONDS);
  }

  /**
   * Takes the lock, or that of a dead owner; the caller closes it.
   *
   * @param expiry after how long without a heartbeat an owner is dead
   * @throws LockException if another run holds it
   */
  public static PublishLock acquire(OutputFolder output, LockOwner owner, Duration expiry)
      throws IOException {
    Path claim = new Path(output.workshop(), CLAIM + owner.id());
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          output.fs().mkdirs(claim);
          output.write(new Path(claim, OWNER), owner.toJson());
          OptionalLong generation = claim(output, claim, expiry);
          if (generation.isPresent()) {
            return new PublishLock(output, owner, generation.getAsLong(), expiry);
          }
        } catch (IOException e) {
          // Others take locks, and the empty workshop, away while we look.
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      output.fs().delete(claim, true);
    }
  }

  /** Our generation; empty if another was quicker. */
  private static OptionalLong claim(OutputFolder output, Path claim, Duration expiry)
      throws IOException {
    long highest = highest(output);
    if (highest > 0) {
      refuseLiving(output, highest, claim, expiry);
    }
    Path lock = lock(output, highest + 1);
    output.folders().rename(claim, lock);
    if (highest(output) != highest + 1) {
      output.fs().delete(lock, true);
      return OptionalLong.empty();
    }
    for (Path old : output.workFolders(LOCK)) {
      if (generation(old) <= highest) {
        LOG.warn("Taking over the lock of a run that ended without a word: {}", old);
        output.fs().delete(old, true);
      }
    }
    return OptionalLong.of(highest + 1);
  }

  private static void refuseLiving(
      OutputFolder output, long generation, Path claim, Duration expiry) throws IOException {
    Path lock = lock(output, generation);
    Optional<LockOwner> holder = ownerOf(output, lock);
    if (holder.isEmpty()) {
      // It was being given back.
      return;
    }
    long now = modified(output, new Path(claim, OWNER));
    long age =
        now
            - Math.max(
                modified(output, new Path(lock, OWNER)),
                modified(output, new Path(lock, HEARTBEAT)));
    if (age < expiry.toMillis()) {
      throw new LockException(
          "Cannot lock %s: another run holds it, %s, last seen %.1f s ago (%s)"
              .formatted(
                  output.published(), holder.get().describe(), Math.max(0, age) / 1e3, lock));
    }
  }

  /** How often the lock was taken over since nobody held it. */
  public long generation() {
    return generation;
  }

  LockOwner owner() {
    return owner;
  }

  /**
   * Reads owner and generation again.
   *
   * @throws LockException if another run has taken the lock over
   */
  public void check() throws IOException {
    long highest = highest(output);
    if (highest != generation || !isOurs()) {
      throw new LockException(
          "Cannot publish %s: this run held the lock in generation %d and was not heard of for too long; now it is generation %d"
              .formatted(output.published(), generation, highest));
    }
  }

  private boolean isOurs() throws IOException {
    return ownerOf(output, lock(output, generation))
        .filter(holder -> holder.id().equals(owner.id()))
        .isPresent();
  }

  private void beat() {
    try {
      output.write(new Path(lock(output, generation), HEARTBEAT), "");
    } catch (IOException e) {
      // The next beat may reach it; if the lock is another's, check() says so.
      LOG.warn("Cannot touch the lock of {}: {}", output.published(), e.toString());
    }
  }

  /** Gives the lock back, if it is still ours. */
  @Override
  public void close() throws IOException {
    stopBeating();
    if (isOurs()) {
      output.fs().delete(lock(output, generation), true);
    }
    output.removeEmptyWorkshop();
  }

  /** Waits for the last beat: a file that comes into a folder that is being deleted keeps it. */
  private void stopBeating() throws IOException {
    heart.shutdown();
    try {
      if (!heart.awaitTermination(LAST_BEAT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("The lock of {} is still being touched", output.published());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while giving back a lock");
    }
  }

  private static long highest(OutputFolder output) throws IOException {
    return output.workFolders(LOCK).stream().mapToLong(PublishLock::generation).max().orElse(0);
  }

  private static Path lock(OutputFolder output, long generation) {
    return new Path(output.workshop(), LOCK + generation);
  }

  private static long generation(Path lock) {
    return Long.parseLong(lock.getName().substring(LOCK.length()));
  }

  /** Who is in {@code lock}; nobody if it is being given back. */
  private static Optional<LockOwner> ownerOf(OutputFolder output, Path lock) throws IOException {
    try {
      return Optional.of(LockOwner.parse(output.read(new Path(lock, OWNER))));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** When the file system saw {@code path} change; long ago if it is not there. */
  private static long modified(OutputFolder output, Path path) throws IOException {
    try {
      return output.fs().getFileStatus(path).getModificationTime();
    } catch (FileNotFoundException e) {
      return 0;
    }
  }
}
