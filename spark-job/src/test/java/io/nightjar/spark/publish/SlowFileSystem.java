package io.nightjar.spark.publish;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * A file system whose every operation takes as long as on a remote one, and is said beforehand on
 * standard output, so that a kill can fall on any of them.
 */
final class SlowFileSystem extends FilterFileSystem {
  private static final long NANOS = 400_000;

  SlowFileSystem(FileSystem fs) {
    super(fs);
  }

  private static void step(String word) {
    System.out.println(word);
    System.out.flush();
    LockSupport.parkNanos(NANOS);
  }

  /** Renames that take longer still: what a kill between two of them does is of most interest. */
  record SlowFolders(Folders folders) implements Folders {
    @Override
    public void rename(Path from, Path to) throws IOException {
      step("rename");
      LockSupport.parkNanos(4 * NANOS);
      folders.rename(from, to);
    }

    @Override
    public void removeEmpty(Path folder) throws IOException {
      step("step");
      folders.removeEmpty(folder);
    }
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    step("step");
    return super.listStatus(path);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    step("step");
    return super.getFileStatus(path);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    step("step");
    return super.mkdirs(path, permission);
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    step("step");
    return super.mkdirs(path);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    step("step");
    return super.delete(path, recursive);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    step("step");
    return super.open(path, bufferSize);
  }

  @Override
  public FSDataOutputStreamBuilder<?, ?> createFile(Path path) {
    step("step");
    return super.createFile(path);
  }
}
