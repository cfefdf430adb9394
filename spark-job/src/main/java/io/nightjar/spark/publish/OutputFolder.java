package io.nightjar.spark.publish;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where the scores of a run date go, and where runs make them: beside the output, out of reach of
 * every glob below it, on the same file system.
 *
 * <pre>
 * out/run_date=2026-11-23/        published: what readers see
 * .nightjar/out/2026-11-23/       workshop of all runs for that date
 *   lock-3/                       who may publish ({@link PublishLock})
 *   run-ID-OWNER/                 a run's own folder ({@link RunFolder})
 * </pre>
 *
 * @param fs the file system of both
 * @param folders renames there
 * @param published the folder that readers see
 * @param workshop the folder that runs work in
 * @param quarantine the folder of the run date's bad rows, where runs set them aside
 */
public record OutputFolder(
    FileSystem fs, Folders folders, Path published, Path workshop, Optional<Path> quarantine) {
  private static final String DATE = "run_date=";

  /**
   * The folder of {@code runDate} below {@code path}, or {@code path} itself.
   *
   * @throws IllegalArgumentException if there is no folder above the path
   */
  public static OutputFolder of(String path, Optional<LocalDate> runDate, Configuration hadoop)
      throws IOException {
    Path output = new Path(path);
    FileSystem fs = output.getFileSystem(hadoop);
    return of(fs, Folders.of(fs), fs.makeQualified(output), runDate);
  }

  static OutputFolder of(FileSystem fs, Folders folders, Path root, Optional<LocalDate> runDate) {
    if (root.getParent() == null) {
      throw new IllegalArgumentException(
          root
              + ", expected a folder below the root of its file system: runs work in a folder"
              + " beside it");
    }
    String date = runDate.map(Object::toString).orElse("all");
    return new OutputFolder(
        fs,
        folders,
        dated(root, runDate),
        new Path(root.getParent(), ".nightjar/" + root.getName() + "/" + date),
        Optional.empty());
  }

  private static Path dated(Path root, Optional<LocalDate> runDate) {
    return runDate.map(day -> new Path(root, DATE + day)).orElse(root);
  }

  /**
   * The same with the folder of {@code runDate} below {@code path} for bad rows.
   *
   * @throws IllegalArgumentException if it is on another file system: nothing could be renamed into
   *     it
   */
  public OutputFolder withQuarantine(String path, Optional<LocalDate> runDate) throws IOException {
    Path root = new Path(path);
    FileSystem other = root.getFileSystem(fs.getConf());
    if (!other.getUri().equals(fs.getUri())) {
      throw new IllegalArgumentException(
          path + ", expected a folder on the file system of output.path, " + fs.getUri());
    }
    return new OutputFolder(
        fs, folders, published, workshop, Optional.of(dated(fs.makeQualified(root), runDate)));
  }

  /** The same for another run date. */
  OutputFolder at(LocalDate other) {
    String name = DATE + other;
    return new OutputFolder(
        fs,
        folders,
        new Path(published.getParent(), name),
        new Path(workshop.getParent(), other.toString()),
        quarantine.map(place -> new Path(place.getParent(), name)));
  }

  /** Other run dates that have a workshop; none where there are no run dates. */
  List<LocalDate> otherDates() throws IOException {
    if (!published.getName().startsWith(DATE)) {
      return List.of();
    }
    return list(workshop.getParent()).stream()
        .map(status -> status.getPath().getName())
        .filter(name -> name.matches("\\d{4}-\\d\\d-\\d\\d") && !name.equals(workshop.getName()))
        .map(LocalDate::parse)
        .sorted()
        .toList();
  }

  /** Whether readers see anything. */
  public boolean isPublished() throws IOException {
    return fs.exists(published);
  }

  /** The id of the run that readers see, as its manifest has it. */
  public Optional<String> publishedRun() throws IOException {
    Path manifest = new Path(published, PublishedFiles.MANIFEST);
    return fs.exists(manifest) ? PublishedFiles.runId(read(manifest)) : Optional.empty();
  }

  /**
   * The manifest of the run before this one: of the last run date before this one's that has one,
   * or, where there are no run dates, of what readers see.
   */
  public Optional<String> lastManifest() throws IOException {
    List<Path> before = List.of(published);
    if (published.getName().startsWith(DATE)) {
      before =
          list(published.getParent()).stream()
              .map(FileStatus::getPath)
              .filter(path -> path.getName().startsWith(DATE))
              .filter(path -> path.getName().compareTo(published.getName()) < 0)
              .sorted(Comparator.reverseOrder())
              .toList();
    }
    for (Path folder : before) {
      Path manifest = new Path(folder, PublishedFiles.MANIFEST);
      if (fs.exists(manifest)) {
        return Optional.of(read(manifest));
      }
    }
    return Optional.empty();
  }

  /** What lies in {@code folder} and no run of this job can have put there, sorted. */
  public List<String> foreignFiles(Path folder) throws IOException {
    return list(folder).stream()
        .filter(status -> !PublishedFiles.isOurs(status))
        .map(status -> status.getPath().getName())
        .sorted()
        .toList();
  }

  /** What lies in {@code folder}; nothing if it is not there. */
  List<FileStatus> list(Path folder) throws IOException {
    try {
      return List.of(fs.listStatus(folder));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** The folders of runs that did not publish: they failed, were killed or are at work. */
  public List<Path> runFolders() throws IOException {
    return workFolders(RunPaths.PREFIX);
  }

  /** The folders of the workshop whose names begin with {@code prefix}. */
  List<Path> workFolders(String prefix) throws IOException {
    List<Path> found = new ArrayList<>();
    for (FileStatus status : list(workshop)) {
      if (status.isDirectory() && status.getPath().getName().startsWith(prefix)) {
        found.add(status.getPath());
      }
    }
    found.sort(null);
    return found;
  }

  /** Writes a small file; fails if its folder is gone, where an ordinary create would make it. */
  void write(Path file, String text) throws IOException {
    try (var out = fs.createFile(file).overwrite(true).build()) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  String read(Path file) throws IOException {
    try (var in = fs.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Takes the workshop away, and the folders above it, as far as nobody works there. */
  void removeEmptyWorkshop() {
    Path folder = workshop;
    try {
      for (int i = 0; i < 3; i++) {
        folders.removeEmpty(folder);
        folder = folder.getParent();
      }
    } catch (IOException e) {
      // Another run, of this date or of another, works there or has taken it away.
    }
  }
}
