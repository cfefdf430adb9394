package io.nightjar.spark.job;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Looks at an input path before Spark does: whether it is there and holds files that Spark reads.
 */
final class InputFiles {
  private InputFiles() {}

  /**
   * Checks that there is something to read.
   *
   * @param key the config's key, for messages
   * @param location a file, a folder or a glob
   * @throws JobException if it does not exist or holds no file
   */
  static void check(String key, String location, Configuration hadoop) {
    Path path = new Path(location);
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      FileStatus[] found = fs.globStatus(path);
      if (found == null || found.length == 0) {
        throw new JobException(
            ExitCode.INPUT, "Cannot read " + key + ": " + location + " does not exist");
      }
      for (FileStatus status : found) {
        if (holdsFile(fs, status)) {
          return;
        }
      }
    } catch (IOException e) {
      throw new JobException(
          ExitCode.INPUT, "Cannot read " + key + ": " + location + ": " + e.getMessage(), e);
    }
    throw new JobException(
        ExitCode.INPUT, "Cannot read " + key + ": there is no Parquet file in " + location);
  }

  private static boolean holdsFile(FileSystem fs, FileStatus status) throws IOException {
    if (status.isFile()) {
      return true;
    }
    for (FileStatus child : fs.listStatus(status.getPath())) {
      if (!isHidden(child.getPath().getName()) && holdsFile(fs, child)) {
        return true;
      }
    }
    return false;
  }

  /** What Spark passes over; a folder such as {@code _day=1} is a partition to it. */
  private static boolean isHidden(String name) {
    return name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
  }
}
