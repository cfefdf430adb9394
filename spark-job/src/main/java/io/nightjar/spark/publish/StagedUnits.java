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
 *   units/NAME/               a unit while it is written
 *   units/NAME.json           its result: files, their sizes and checksums, and the job's own notes
 * </pre>
 *
 * <p>A unit is there once its result is, and its files are as the result says. Files that no result
 * names are of a unit that was cut short.
 */
public final class StagedUnits {
  private static final Logger LOG = LoggerFactory.getLogger(StagedUnits.class);
  private static final String QUARANTINE = "quarantine";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A Parquet file's footer lies at its end. */
  private static final int CHECKED_BYTES = 64 << 10;

  private final OutputFolder output;
  private final Path units;
  private final List<Shelf> shelves;
  private final Map<String, String> notes = new TreeMap<>();

  StagedUnits(OutputFolder output, Path units, Path scores, Path quarantine) throws IOException {
    this.output = output;
    this.units = units;
    this.shelves =
        List.of(new Shelf("files", "", scores), new Shelf("quarantined", QUARANTINE, quarantine));
    output.fs().mkdirs(units);
    output.fs().mkdirs(scores);
    output.fs().mkdirs(quarantine);
  }

  /**
   * Where files of one kind go.
   *
   * @param field names them in a unit's result
   * @param below where they lie in the unit's folder
   * @param all where those of all units lie
   */
  private record Shelf(String field, String below, Path all) {
    Path in(Path unit) {
      return below.isEmpty() ? unit : new Path(unit, below);
    }
  }

  /**
   * Verifies what an earlier attempt left, and deletes what is of no use.
   *
   * @param names every unit of the run
   * @return the units that are there
   */
  public Set<String> keep(Collection<String> names) throws IOException {
    Set<Path> files = new HashSet<>();
    for (String name : names) {
      Optional<JsonNode> result = verified(result(name));
      if (result.isPresent()) {
        notes.put(name, result.get().path("notes").asText());
        for (Shelf shelf : shelves) {
          result
              .get()
              .path(shelf.field())
              .fieldNames()
              .forEachRemaining(file -> files.add(new Path(shelf.all(), file)));
        }
      }
    }
    for (Shelf shelf : shelves) {
      for (FileStatus file : output.list(shelf.all())) {
        if (!files.contains(file.getPath())) {
          output.fs().delete(file.getPath(), true);
        }
      }
    }
    for (FileStatus left : output.list(units)) {
      if (!notes.containsKey(left.getPath().getName().replace(".json", ""))) {
        output.fs().delete(left.getPath(), true);
      }
    }
    return Set.copyOf(notes.keySet());
  }

  /** An absent folder, which the unit is to be written to. */
  public Path folder(String name) throws IOException {
    Path folder = new Path(units, name);
    output.fs().delete(folder, true);
    return folder;
  }

  /** A folder below {@link #folder} for what the unit sets aside. */
  public Path quarantine(String name) {
    return new Path(folderOf(name), QUARANTINE);
  }

  /** Takes the Parquet files that were written to {@link #folder} and {@link #quarantine}. */
  public void commit(String name, String jobsNotes) throws IOException {
    ObjectNode result = JSON.createObjectNode();
    for (Shelf shelf : shelves) {
      take(shelf, name, result.putObject(shelf.field()));
    }
    result.put("notes", jobsNotes);
    output.write(result(name), result.put("checksum", checksum(result)).toString());
    output.fs().delete(folderOf(name), true);
    synchronized (notes) {
      notes.put(name, jobsNotes);
    }
  }

  private void take(Shelf shelf, String name, ObjectNode files) throws IOException {
    for (FileStatus file : output.list(shelf.in(folderOf(name)))) {
      String part = file.getPath().getName();
      if (part.endsWith(".parquet")) {
        Path to = new Path(shelf.all(), part);
        if (!output.fs().rename(file.getPath(), to)) {
          throw new IOException("Cannot rename " + file.getPath() + " to " + to);
        }
        files.putObject(part).put("bytes", file.getLen()).put("crc32c", checksum(to));
      }
    }
  }

  /** What the job noted of each unit that is there, by the unit's name. */
  public Map<String, String> notes() {
    synchronized (notes) {
      return new TreeMap<>(notes);
    }
  }

  private Path folderOf(String name) {
    return new Path(units, name);
  }

  private Path result(String name) {
    return new Path(units, name + ".json");
  }

  private Optional<JsonNode> verified(Path file) throws IOException {
    if (!output.fs().exists(file)) {
      return Optional.empty();
    }
    JsonNode node;
    try {
      node = JSON.readTree(output.read(file));
    } catch (JsonProcessingException e) {
      LOG.warn("Writing a unit again, since its result was cut short: {}", file);
      return Optional.empty();
    }
    if (!(node instanceof ObjectNode result)) {
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
        && output.fs().getFileStatus(file).getLen() == said.path("bytes").asLong()
        && checksum(file).equals(said.path("crc32c").asText());
  }

  private static String checksum(ObjectNode result) {
    CRC32C hash = new CRC32C();
    hash.update(result.toString().getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(hash.getValue());
  }

  /** Of the end of {@code file}, where Parquet says what is in it. */
  private String checksum(Path file) throws IOException {
    long size = output.fs().getFileStatus(file).getLen();
    byte[] end = new byte[(int) Math.min(size, CHECKED_BYTES)];
    try (FSDataInputStream in = output.fs().open(file)) {
      in.readFully(size - end.length, end);
    }
    CRC32C hash = new CRC32C();
    hash.update(end);
    return "%08x".formatted(hash.getValue());
  }
}
