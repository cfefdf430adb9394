package io.nightjar.spark.job;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The local file system of another process, which waits at the test's {@link Gate} before it
 * renames a folder whose name begins as {@value #HOLD_KEY} says.
 */
public final class GatedFileSystem extends LocalFileSystem {
  static final String HOLD_KEY = "nightjar.test.hold";
  static final String PORT_KEY = "nightjar.test.port";

  /** Asked for by renames alone. */
  @Override
  public File pathToFile(Path path) {
    if (path.getName().startsWith(getConf().get(HOLD_KEY))) {
      try {
        Gate.pass(getConf().getInt(PORT_KEY, 0));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return super.pathToFile(path);
  }
}
