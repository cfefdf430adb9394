package io.nightjar.spark.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** {@code rename(2)} and {@code rmdir(2)}. */
record LocalFolders(LocalFileSystem fs) implements Folders {
  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(local(from), local(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void removeEmpty(Path folder) throws IOException {
    Files.delete(local(folder));
  }

  private java.nio.file.Path local(Path path) {
    return fs.pathToFile(path).toPath();
  }
}
