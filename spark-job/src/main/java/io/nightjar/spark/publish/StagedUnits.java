package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
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
 * <p>A unit is there once its result is, and its files are as the result says. Files that no result
 * names are of a unit that was cut short.
 */
public final class StagedUnits {
  private static final Logger LOG = LoggerFactory.getLogger(StagedUnits.class);
  private static final String RESULT = ".json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of results; another version of this job may have left others. */
  private static final int FORMAT = 2;

  /** A Parquet file's footer lies at its end. */
  private static final int CHECKED_BYTES = 64 << 10;

  private final OutputFolder output;
  private final Path units;
  private final List<Shelf> shelves;
  private final Map<String, String> notes = new TreeMap<>();

  StagedUnits(OutputFolder output, Path units, Path scores, Path quarantine) throws IOException {
    this.output = output;
    this.units = units;
    this.shelves = List.of(new Shelf("files", scores), new Shelf("quarantined", quarantine));
    output.fs().mkdirs(units);
    output.fs().mkdirs(scores);
    output.fs().mkdirs(quarantine);
  }

  /**
   * Where files of one kind go.
   *
   * @param field names them in a unit's result
   * @param all where those of all units lie
   */
  private record Shelf(String field, Path all) {}

  /**
   * Verifies what an earlier attempt left, and deletes what is of no use.
   *
   * @return the units that are there
   */
  public Set<String> keep() throws IOException {
    Set<Path> files = new HashSet<>();
    for (FileStatus left : output.list(units)) {
      Optional<JsonNode> result = left.isFile() ? verified(left.getPath()) : Optional.empty();
      if (result.isPresent()) {
        notes.put(
            left.getPath().getName().replace(RESULT, ""), result.get().path("notes").asText());
        for (Shelf shelf : shelves) {
          result
              .get()
              .path(shelf.field())
              .fieldNames()
              .forEachRemaining(file -> files.add(new Path(shelf.all(), file)));
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
    ObjectNode result = JSON.createObjectNode().put("format", FORMAT);
    for (Shelf shelf : shelves) {
      ObjectNode taken = result.putObject(shelf.field());
      for (StagedFile file : files) {
        if (shelf.equals(shelfOf(file))) {
          take(file, shelf, taken);
        }
      }
    }
    result.put("notes", jobsNotes);
    output.write(result(name), result.put("checksum", checksum(result)).toString());
    synchronized (notes) {
      notes.put(name, jobsNotes);
    }
  }

  private Shelf shelfOf(StagedFile file) {
    boolean aside = file.place().getParent().equals(quarantine());
    return shelves.get(aside ? 1 : 0);
  }

  private void take(StagedFile file, Shelf shelf, ObjectNode taken) throws IOException {
    Path to = new Path(shelf.all(), file.place().getName());
    if (!output.fs().rename(file.path(), to)) {
      throw new IOException("Cannot rename " + file.path() + " to " + to);
    }
    FileEnd end = FileEnd.of(output.fs(), to);
    taken.putObject(to.getName()).put("bytes", end.bytes()).put("crc32c", end.crc32c());
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

  private Optional<JsonNode> verified(Path file) throws IOException {
    JsonNode node;
    try {
      node = JSON.readTree(output.read(file));
    } catch (JsonProcessingException e) {
      LOG.warn("Writing a unit again, since its result was cut short: {}", file);
      return Optional.empty();
    }
    if (!(node instanceof ObjectNode result) || result.path("format").asInt() != FORMAT) {
      LOG.warn("Writing a unit again, since its result is none of this version's: {}", file);
      return Optional.empty();
    }
    JsonNode said = result.remove("checksum");
    boolean whole = said != null && said.asText().equals(checksum(result));
    for (Shelf shelf : shelves) {
      for (Map.Entry<String, JsonNode> entry : result.path(shelf.field()).properties()) {
        whole = whole && isAsSaid(new Path(shelf.all(), entry.getKey()), entry.getValue());
      }
    }
    if (!whole) {
      LOG.warn("Writing a unit again, since its files are not as its result says: {}", file);
      return Optional.empty();
    }
    return Optional.of(result);
  }

  private boolean isAsSaid(Path file, JsonNode said) throws IOException {
    return output.fs().exists(file)
        && FileEnd.of(output.fs(), file)
            .equals(new FileEnd(said.path("bytes").asLong(), said.path("crc32c").asText()));
  }

  private static String checksum(ObjectNode result) {
    CRC32C hash = new CRC32C();
    hash.update(result.toString().getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(hash.getValue());
  }

  /**
   * What tells a file from one that was cut short or changed.
   *
   * @param bytes its size
   * @param crc32c of its end, where Parquet says what is in it
   */
  private record FileEnd(long bytes, String crc32c) {

    static FileEnd of(FileSystem fs, Path file) throws IOException {
      long size = fs.getFileStatus(file).getLen();
      byte[] end = new byte[(int) Math.min(size, CHECKED_BYTES)];
      try (FSDataInputStream in = fs.open(file)) {
        in.readFully(size - end.length, end);
      }
      CRC32C hash = new CRC32C();
      hash.update(end);
      return new FileEnd(size, "%08x".formatted(hash.getValue()));
    }
  }
}
