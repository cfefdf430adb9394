package io.nightjar.spark.publish;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A program that publishes run after run until it is killed: {@code FOLDER FIRST_RUN}. It says
 * {@code begin} before it touches anything, {@code step} or {@code rename} before each operation on
 * files, and {@code published N} when a run is.
 */
final class PublishLoop {
  static final LocalDate DAY = LocalDate.of(2026, 11, 23);
  static final int FILES = 3;

  private PublishLoop() {}

  public static void main(String[] args) throws IOException {
    FileSystem local = FileSystem.getLocal(new Configuration(false));
    OutputFolder output =
        OutputFolder.of(
            new SlowFileSystem(local),
            new SlowFileSystem.SlowFolders(Folders.of(local)),
            new Path("file:" + args[0] + "/out"),
            Optional.of(DAY));
    say("begin");
    for (long run = Long.parseLong(args[1]); ; run++) {
      publish(output, run);
      say("published " + run);
    }
  }

  private static void publish(OutputFolder output, long number) throws IOException {
    try (PublishLock lock = lock(output)) {
      RunFolder run = RunFolder.open(output, lock, "r" + number, false);
      output.fs().mkdirs(run.scores());
      for (int i = 0; i < FILES; i++) {
        output.write(new Path(run.scores(), "part-" + i + ".parquet"), content(number, i));
      }
      run.publish("{\"run\": {\"id\": \"r" + number + "\"}}");
    }
  }

  /** The one killed before us holds it until it expires. */
  private static PublishLock lock(OutputFolder output) throws IOException {
    while (true) {
      try {
        return PublishLock.acquire(output, LockOwner.here(), Duration.ofMillis(200));
      } catch (LockException e) {
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  static String content(long run, int file) {
    return "run " + run + " file " + file;
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
