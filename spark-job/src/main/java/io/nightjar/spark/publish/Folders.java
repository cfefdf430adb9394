package io.nightjar.spark.publish;

import java.io.IOException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The two steps that everything here rests on, each done at once or not at all. {@link FileSystem}
 * has neither: its rename nests into a folder that is there, its local rename copies where the
 * system call fails, and its local delete of an empty folder takes what was put there meanwhile.
 */
interface Folders {

  /**
   * Renames a folder.
   *
   * @throws IOException if {@code from} is not there, {@code to} is there and not empty, or {@code
   *     to} has no folder above it
   */
  void rename(Path from, Path to) throws IOException;

  /**
   * Deletes a folder that is empty.
   *
   * @throws IOException if it is not there or not empty
   */
  void removeEmpty(Path folder) throws IOException;

  /** Those of {@code fs}. */
  static Folders of(FileSystem fs) throws IOException {
    return fs instanceof LocalFileSystem local
        ? new LocalFolders(local)
        : new RemoteFolders(fs, FileContext.getFileContext(fs.getUri(), fs.getConf()));
  }
}
