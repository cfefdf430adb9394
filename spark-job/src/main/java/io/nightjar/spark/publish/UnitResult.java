package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a staged unit left, in a file of its own: its files by their kind, with their ends, and the
 * job's notes. A checksum over all of it tells whether it is as it was written.
 *
 * @param json the whole of it but for the checksum
 * @param checksum what it says of itself; empty if it says nothing
 */
record UnitResult(JsonNode json, String checksum) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of results; another version of this job may have left others. */
  private static final int VERSION = 2;

  private static final String CHECKSUM = "checksum";

  /**
   * The result of a unit.
   *
   * @param files the ends of its files, by their kind and name
   */
  static UnitResult of(Map<String, Map<String, FileEnd>> files, String notes) {
    ObjectNode json = JSON.createObjectNode().put("format", VERSION);
    files.forEach(
        (kind, ends) -> {
          ObjectNode named = json.putObject(kind);
          ends.forEach(
              (name, end) ->
                  named.putObject(name).put("bytes", end.bytes()).put("crc32c", end.crc32c()));
        });
    json.put("notes", notes);
    return new UnitResult(json, checksum(json));
  }

  /** What {@link #toJson} wrote, or what became of that. */
  static UnitResult parse(String text) throws JsonProcessingException {
    JsonNode json = JSON.readTree(text);
    JsonNode said = json instanceof ObjectNode object ? object.remove(CHECKSUM) : null;
    return new UnitResult(json, said == null ? "" : said.asText());
  }

  String toJson() {
    return ((ObjectNode) json.deepCopy()).put(CHECKSUM, checksum).toString();
  }

  /** Whether this version of the job writes such results. */
  boolean isOfThisVersion() {
    return json.isObject() && json.path("format").asInt() == VERSION;
  }

  /** Whether all of it is as it was written. */
  boolean isWhole() {
    return checksum.equals(checksum(json));
  }

  /** The ends of the files of {@code kind} by their names. */
  Map<String, FileEnd> files(String kind) {
    Map<String, FileEnd> ends = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> file : json.path(kind).properties()) {
      JsonNode end = file.getValue();
      ends.put(file.getKey(), new FileEnd(end.path("bytes").asLong(), end.path("crc32c").asText()));
    }
    return ends;
  }

  String notes() {
    return json.path("notes").asText();
  }

  private static String checksum(JsonNode json) {
    return FileEnd.crc32c(json.toString().getBytes(StandardCharsets.UTF_8));
  }
}
