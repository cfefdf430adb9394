package io.nightjar.spark.publish;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A program that publishes one run, {@code FOLDER NAME}, and stands still until it reads a byte:
 * just before it renames the folder of that name, or, for {@code check}, before it looks at the
 * lock.
 */
final class SuspendedPublisher {
  static final LocalDate DAY = LocalDate.of(2026, 11, 23);
  static final Duration EXPIRY = Duration.ofMillis(500);

  private SuspendedPublisher() {}

  public static void main(String[] args) throws IOException {
    FileSystem fs = FileSystem.getLocal(new Configuration(false));
    OutputFolder output = output(fs, new WaitingFolders(Folders.of(fs), args[1]), args[0]);
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = RunFolder.open(output, lock, "suspended", false);
      fs.mkdirs(run.scores());
      if (args[1].equals("check")) {
        standStill();
      }
      run.publish("{\"run\": {\"id\": \"suspended\"}}");
    }
    System.out.println("published");
  }

  static OutputFolder output(FileSystem fs, Folders folders, String folder) {
    return OutputFolder.of(fs, folders, new Path("file:" + folder + "/out"), Optional.of(DAY));
  }

  private static void standStill() throws IOException {
    System.out.println("standing");
    System.out.flush();
    if (System.in.read() < 0) {
      throw new IOException("Cannot go on: nobody said so");
    }
  }

  private record WaitingFolders(Folders folders, String name) implements Folders {
    @Override
    public void rename(Path from, Path to) throws IOException {
      if (from.getName().equals(name)) {
        standStill();
      }
      folders.rename(from, to);
    }

    @Override
    public void removeEmpty(Path folder) throws IOException {
      folders.removeEmpty(folder);
    }
  }
}
