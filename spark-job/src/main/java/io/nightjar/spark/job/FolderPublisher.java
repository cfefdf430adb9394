package io.nightjar.spark.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Publishes by renaming folders.
 *
 * <p>A run works in {@code .nightjar/<output>/<partition>} beside the output path, so that no glob
 * below the output finds half a run. There, {@code staged} is the folder being written and {@code
 * replaced} the one that was published before, for the moment between two renames. A run that finds
 * {@code replaced} and no target was preceded by one that died in that moment, and puts it back.
 *
 * <p>Two runs that write the same target at the same time are not kept apart.
 */
final class FolderPublisher implements Publisher {
  private final FileSystem fs;
  private final Path target;
  private final Path staged;
  private final Path replaced;

  /**
   * @throws JobException if the output path has no folder above it
   */
  FolderPublisher(OutputConf output, Configuration hadoop) throws IOException {
    Path path = new Path(output.path());
    this.fs = path.getFileSystem(hadoop);
    Path root = fs.makeQualified(path);
    if (root.getParent() == null) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid output.path: "
              + root
              + ", expected a folder below the root of its file system: a run is staged beside it");
    }
    String partition = output.runDate().map(Object::toString).orElse("all");
    this.target = output.runDate().map(day -> new Path(root, "run_date=" + day)).orElse(root);
    Path workshop = new Path(root.getParent(), ".nightjar/" + root.getName() + "/" + partition);
    this.staged = new Path(workshop, "staged");
    this.replaced = new Path(workshop, "replaced");
  }

  @Override
  public Path target() {
    return target;
  }

  @Override
  public Path stage() throws IOException {
    if (fs.exists(replaced) && !fs.exists(target)) {
      rename(replaced, target);
    }
    fs.delete(replaced, true);
    fs.delete(staged, true);
    refuseForeignFiles();
    return staged;
  }

  @Override
  public void publish() throws IOException {
    fs.mkdirs(target.getParent());
    boolean replacing = fs.exists(target);
    if (replacing) {
      rename(target, replaced);
    }
    try {
      rename(staged, target);
    } catch (IOException e) {
      if (replacing) {
        rename(replaced, target);
      }
      throw e;
    }
    fs.delete(replaced, true);
    discard();
  }

  @Override
  public void discard() throws IOException {
    fs.delete(staged, true);
    Path folder = staged.getParent();
    for (int i = 0; i < 3 && removeIfEmpty(folder); i++) {
      folder = folder.getParent();
    }
  }

  /** Removes a folder of the workshop, unless another output or partition is at work in it. */
  private boolean removeIfEmpty(Path folder) {
    try {
      return fs.listStatus(folder).length == 0 && fs.delete(folder, false);
    } catch (IOException e) {
      // Another run removed it first, or began to work there after the look: it is theirs now.
      return false;
    }
  }

  /** A rename onto a folder that exists would put the source inside it, so there must be none. */
  private void rename(Path from, Path to) throws IOException {
    if (fs.exists(to) || !fs.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to + ": is something there?");
    }
  }

  private void refuseForeignFiles() throws IOException {
    FileStatus[] held;
    try {
      held = fs.listStatus(target);
    } catch (FileNotFoundException e) {
      return;
    }
    List<String> foreign = new ArrayList<>();
    for (FileStatus status : held) {
      if (!isOurs(status)) {
        foreign.add(status.getPath().getName());
      }
    }
    foreign.sort(null);
    if (!foreign.isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Cannot replace "
              + target
              + ": it holds "
              + String.join(", ", foreign.subList(0, Math.min(3, foreign.size())))
              + (foreign.size() > 3 ? " and " + (foreign.size() - 3) + " more" : "")
              + ", which no run of this job wrote");
    }
  }

  private static boolean isOurs(FileStatus status) {
    String name = status.getPath().getName();
    return status.isFile()
        && (name.equals("_SUCCESS")
            || name.startsWith(".")
            || (name.startsWith("part-") && name.endsWith(".parquet")));
  }
}
