package io.nightjar.spark.publish;

import java.io.IOException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** HDFS's rename without overwriting, which {@link FileContext} alone offers in public. */
record RemoteFolders(FileSystem fs, FileContext context) implements Folders {
  @Override
  public void rename(Path from, Path to) throws IOException {
    context.rename(from, to);
  }

  @Override
  public void removeEmpty(Path folder) throws IOException {
    if (!fs.delete(folder, false)) {
      throw new IOException("Cannot delete " + folder + ": it is not there");
    }
  }
}
