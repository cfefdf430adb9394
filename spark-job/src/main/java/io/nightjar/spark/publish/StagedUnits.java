package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
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
 *   units/NAME/               a unit while it is written
 *   units/NAME.json           its result: files, their sizes and checksums, and the job's own notes
 * </pre>
 *
 * <p>A unit is there once its result is, and its files are as the result says. Files that no result
 * names are of a unit that was cut short.
 */
public final class StagedUnits {
  private static final Logger LOG = LoggerFactory.getLogger(StagedUnits.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A Parquet file's footer lies at its end. */
  private static final int CHECKED_BYTES = 64 << 10;

  private final OutputFolder output;
  private final Path scores;
  private final Path units;
  private final Map<String, String> notes = new TreeMap<>();

  StagedUnits(OutputFolder output, Path run, Path scores) throws IOException {
    this.output = output;
    this.scores = scores;
    this.units = new Path(run, "units");
    output.fs().mkdirs(units);
    output.fs().mkdirs(scores);
  }

  /**
   * Verifies what an earlier attempt left, and deletes what is of no use.
   *
   * @param names every unit of the run
   * @return the units that are there
   */
  public Set<String> keep(Collection<String> names) throws IOException {
    Set<String> files = new HashSet<>();
    for (String name : names) {
      Optional<JsonNode> result = verified(result(name));
      if (result.isPresent()) {
        notes.put(name, result.get().path("notes").asText());
        result.get().path("files").fieldNames().forEachRemaining(files::add);
      }
    }
    for (FileStatus file : output.list(scores)) {
      if (!files.contains(file.getPath().getName())) {
        output.fs().delete(file.getPath(), true);
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

  /** Takes the Parquet files that were written to {@link #folder}. */
  public void commit(String name, String jobsNotes) throws IOException {
    ObjectNode result = JSON.createObjectNode();
    ObjectNode files = result.putObject("files");
    for (FileStatus file : output.list(folderOf(name))) {
      String part = file.getPath().getName();
      if (part.endsWith(".parquet")) {
        Path to = new Path(scores, part);
        if (!output.fs().rename(file.getPath(), to)) {
          throw new IOException("Cannot rename " + file.getPath() + " to " + to);
        }
        files.putObject(part).put("bytes", file.getLen()).put("crc32c", checksum(to));
      }
    }
    result.put("notes", jobsNotes);
    output.write(result(name), result.put("checksum", checksum(result)).toString());
    output.fs().delete(folderOf(name), true);
    synchronized (notes) {
      notes.put(name, jobsNotes);
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
    for (Map.Entry<String, JsonNode> entry : result.path("files").properties()) {
      whole = whole && isAsSaid(new Path(scores, entry.getKey()), entry.getValue());
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
