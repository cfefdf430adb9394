package io.nightjar.spark.executor;

import io.nightjar.model.ModelFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A model directory on any Hadoop file system. */
public final class HadoopModelFolder implements ModelFolder {
  private final FileSystem fileSystem;
  private final Path folder;

  private HadoopModelFolder(FileSystem fileSystem, Path folder) {
    this.fileSystem = fileSystem;
    this.folder = folder;
  }

  /**
   * The folder at {@code location}, a path or URI as Hadoop reads it; it need not be there.
   *
   * @throws UncheckedIOException if its file system cannot be reached
   */
  public static HadoopModelFolder at(String location, Configuration conf) {
    try {
      Path path = new Path(location);
      FileSystem fileSystem = path.getFileSystem(conf);
      return new HadoopModelFolder(fileSystem, fileSystem.makeQualified(path));
    } catch (IOException | IllegalArgumentException e) {
      throw new UncheckedIOException(
          "Cannot read model " + location + ": " + e.getMessage(), asIo(e));
    }
  }

  private static IOException asIo(Exception e) {
    return e instanceof IOException io ? io : new IOException(e);
  }

  /** Its full URI. */
  @Override
  public String location() {
    return folder.toString();
  }

  @Override
  public boolean exists(String file) throws IOException {
    return fileSystem.exists(path(file));
  }

  @Override
  public long size(String file) throws IOException {
    return fileSystem.getFileStatus(path(file)).getLen();
  }

  @Override
  public long modified(String file) throws IOException {
    return fileSystem.getFileStatus(path(file)).getModificationTime();
  }

  @Override
  public InputStream open(String file) throws IOException {
    return fileSystem.open(path(file));
  }

  /** Whether {@code name} is a folder in it. */
  boolean isFolder(String name) throws IOException {
    Path path = path(name);
    return fileSystem.exists(path) && fileSystem.getFileStatus(path).isDirectory();
  }

  /** The folder {@code name} in it. */
  HadoopModelFolder child(String name) {
    return new HadoopModelFolder(fileSystem, path(name));
  }

  /** The folders in it, sorted. */
  List<HadoopModelFolder> children() throws IOException {
    return Stream.of(fileSystem.listStatus(folder))
        .filter(FileStatus::isDirectory)
        .map(status -> child(status.getPath().getName()))
        .sorted(Comparator.comparing(HadoopModelFolder::location))
        .toList();
  }

  private Path path(String file) {
    return new Path(folder, file);
  }
}
