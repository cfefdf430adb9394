package io.nightjar.spark.executor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away copies of models that were not opened for longest, and what a killed process left of
 * one.
 *
 * <p>A process that has opened a copy maps its files, which live on until it ends. One that is
 * about to open it has just touched its lock: a copy touched within {@link #RECENT} stays.
 */
final class OldCopies {
  /** How long a copy that was opened stays, however many there are. */
  private static final Duration RECENT = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(OldCopies.class);
  private static final String VERSION = "[0-9a-f]{32}";

  private OldCopies() {}

  /**
   * Leaves the last {@code most} versions in {@code cache}, and the recent ones.
   *
   * @param current the version in use, whose lock is held
   */
  static void remove(Path cache, int most, String current) throws IOException {
    List<Path> versions = new ArrayList<>();
    List<Path> unfinished = new ArrayList<>();
    try (Stream<Path> files = Files.list(cache)) {
      files
          .filter(Files::isDirectory)
          .forEach(
              folder -> {
                String name = folder.getFileName().toString();
                if (name.matches(VERSION) && !name.equals(current)) {
                  versions.add(folder);
                } else if (name.matches(VERSION + "-.*")) {
                  unfinished.add(folder);
                }
              });
    }
    for (Path folder : unfinished) {
      String version = folder.getFileName().toString().substring(0, current.length());
      if (version.equals(current)) {
        delete(folder);
      } else {
        deleteUnlessUsed(folder, lock(cache, version));
      }
    }
    versions.sort(Comparator.comparing(OldCopies::lastUse).reversed());
    for (Path folder : versions.subList(Math.min(most - 1, versions.size()), versions.size())) {
      deleteUnlessUsed(folder, lock(cache, folder.getFileName().toString()));
    }
  }

  /** The file that stands for {@code version}: locked while it is copied, touched at each use. */
  static Path lock(Path cache, String version) {
    return cache.resolve(version + ".lock");
  }

  /**
   * Says that a version is about to be opened. This goes by the channel that holds the lock: to
   * open and close the file once more would give the lock up, as POSIX has it.
   */
  static void touch(FileChannel lock) throws IOException {
    lock.write(ByteBuffer.allocate(1), 0);
  }

  private static Instant lastUse(Path folder) {
    try {
      Path lock = lock(folder.getParent(), folder.getFileName().toString());
      return Files.getLastModifiedTime(lock).toInstant();
    } catch (IOException e) {
      // Without a lock it was not made here, or somebody has begun to clear the folder by hand.
      return Instant.EPOCH;
    }
  }

  private static void deleteUnlessUsed(Path folder, Path lockFile) throws IOException {
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      Instant recent = Instant.now().minus(RECENT);
      if (lock != null && Files.getLastModifiedTime(lockFile).toInstant().isBefore(recent)) {
        LOG.info("Removing {}, a copy that was not opened for long", folder);
        delete(folder);
      }
    }
  }

  /** Takes {@code folder} away with all that is in it, if it is there. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
