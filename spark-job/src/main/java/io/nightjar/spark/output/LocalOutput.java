package io.nightjar.spark.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, but that permissions are set by this process. Without Hadoop's native
 * library, which Spark does not bring, Hadoop starts a process {@code chmod} for each file and each
 * folder that it makes: a dozen for every task that writes.
 */
public final class LocalOutput extends LocalFileSystem {
  private static final String KEY = "fs.file.impl";

  /** Made by Hadoop, of its name. */
  public LocalOutput() {
    super(new Raw());
  }

  /**
   * Options of a write that has its local files made this way. There are none where {@code hadoop}
   * names a local file system of the user's.
   */
  public static Map<String, String> options(Configuration hadoop) {
    // Others, who are not asked, may have Hadoop's own at hand already.
    return hadoop.get(KEY) != null
        ? Map.of()
        : Map.of(KEY, LocalOutput.class.getName(), KEY + ".disable.cache", "true");
  }

  private static final class Raw extends RawLocalFileSystem {
    @Override
    public void setPermission(org.apache.hadoop.fs.Path file, FsPermission permission)
        throws IOException {
      Path path = pathToFile(file).toPath();
      boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
      if (posix && !permission.getStickyBit()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permission.toString()));
      } else {
        super.setPermission(file, permission);
      }
    }
  }
}
