package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a run that are staged one by one, so that a run that was killed goes on with those
 * that it lacks.
 *
 * <pre>
 *   scores/part-….parquet     files of all units
 *   quarantine/part-….parquet what units set aside
 *   units/NAME/               what is written and not yet committed
 *   units/NAME.json           its result: files, their sizes and checksums, and the job's own notes
 * </pre>
 *
 * <p>A unit is there once its {@link UnitResult} is, and its files are as that says. Files that no
 * result names are of a unit that was cut short.
 */
public final class StagedUnits {
  private static final Logger LOG = LoggerFactory.getLogger(StagedUnits.class);
  private static final String RESULT = ".json";

  private final OutputFolder output;
  private final Path units;
  private final List<Shelf> shelves;
  private final Map<String, String> notes = new TreeMap<>();

  StagedUnits(OutputFolder output, RunPaths run) throws IOException {
    this.output = output;
    this.units = run.units();
    this.shelves =
        List.of(new Shelf("files", run.scores()), new Shelf("quarantined", run.quarantine()));
    output.fs().mkdirs(run.units());
    output.fs().mkdirs(run.scores());
    output.fs().mkdirs(run.quarantine());
  }

  /**
   * Where files of one kind go.
   *
   * @param kind names them in a unit's result
   * @param all where those of all units lie
   */
  private record Shelf(String kind, Path all) {}

  /**
   * Verifies what an earlier attempt left, and deletes what is of no use.
   *
   * @return the units that are there
   */
  public Set<String> keep() throws IOException {
    Set<Path> files = new HashSet<>();
    for (FileStatus left : output.list(units)) {
      Optional<UnitResult> result = left.isFile() ? verified(left.getPath()) : Optional.empty();
      if (result.isPresent()) {
        notes.put(left.getPath().getName().replace(RESULT, ""), result.get().notes());
        for (Shelf shelf : shelves) {
          result.get().files(shelf.kind()).keySet().stream()
              .map(file -> new Path(shelf.all(), file))
              .forEach(files::add);
        }
      } else {
        output.fs().delete(left.getPath(), true);
      }
    }
    for (Shelf shelf : shelves) {
      for (FileStatus file : output.list(shelf.all())) {
        if (!files.contains(file.getPath())) {
          output.fs().delete(file.getPath(), true);
        }
      }
    }
    return Set.copyOf(notes.keySet());
  }

  /** An absent folder, which units are to be written to; {@link #clear} takes it away. */
  public Path folder(String name) throws IOException {
    clear(name);
    return new Path(units, name);
  }

  /** Deletes {@link #folder} and what was not committed of it. */
  public void clear(String name) throws IOException {
    output.fs().delete(new Path(units, name), true);
  }

  /** Where what a unit sets aside is to be, once it is committed. */
  public Path quarantine() {
    return shelves.get(1).all();
  }

  /**
   * A file of a unit.
   *
   * @param path where it was written
   * @param place where it is meant to be; below {@link #quarantine}, or else it holds scores
   */
  public record StagedFile(Path path, Path place) {}

  /** Takes the files of a unit, all of them or, when the unit is cut short, none. */
  public void commit(String name, Collection<StagedFile> files, String jobsNotes)
      throws IOException {
    Map<String, Map<String, FileEnd>> taken = new LinkedHashMap<>();
    for (Shelf shelf : shelves) {
      Map<String, FileEnd> ends = new LinkedHashMap<>();
      for (StagedFile file : files) {
        if (shelf.equals(shelfOf(file))) {
          Path to = take(file, shelf);
          ends.put(to.getName(), FileEnd.of(output.fs(), to));
        }
      }
      taken.put(shelf.kind(), ends);
    }
    output.write(result(name), UnitResult.of(taken, jobsNotes).toJson());
    synchronized (notes) {
      notes.put(name, jobsNotes);
    }
  }

  private Shelf shelfOf(StagedFile file) {
    boolean aside = file.place().getParent().equals(quarantine());
    return shelves.get(aside ? 1 : 0);
  }

  private Path take(StagedFile file, Shelf shelf) throws IOException {
    Path to = new Path(shelf.all(), file.place().getName());
    if (!output.fs().rename(file.path(), to)) {
      throw new IOException("Cannot rename " + file.path() + " to " + to);
    }
    return to;
  }

  /** What the job noted of each unit that is there, by the unit's name. */
  public Map<String, String> notes() {
    synchronized (notes) {
      return new TreeMap<>(notes);
    }
  }

  private Path result(String name) {
    return new Path(units, name + RESULT);
  }

  private Optional<UnitResult> verified(Path file) throws IOException {
    UnitResult result;
    try {
      result = UnitResult.parse(output.read(file));
    } catch (JsonProcessingException e) {
      LOG.warn("Writing a unit again, since its result was cut short: {}", file);
      return Optional.empty();
    }
    if (!result.isOfThisVersion()) {
      LOG.warn("Writing a unit again, since its result is none of this version's: {}", file);
      return Optional.empty();
    }
    boolean whole = result.isWhole();
    for (Shelf shelf : shelves) {
      for (Map.Entry<String, FileEnd> said : result.files(shelf.kind()).entrySet()) {
        whole = whole && isAsSaid(new Path(shelf.all(), said.getKey()), said.getValue());
      }
    }
    if (!whole) {
      LOG.warn("Writing a unit again, since its files are not as its result says: {}", file);
      return Optional.empty();
    }
    return Optional.of(result);
  }

  private boolean isAsSaid(Path file, FileEnd said) throws IOException {
    return output.fs().exists(file) && FileEnd.of(output.fs(), file).equals(said);
  }
}
