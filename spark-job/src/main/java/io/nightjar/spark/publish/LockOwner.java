package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.UUID;

/**
 * Who holds a lock. Only {@code id} decides; the rest is for whoever looks for the process.
 *
 * @param id of this process alone, and never again
 * @param host where it runs
 * @param pid its process id there
 * @param since when it began, by its own clock
 */
public record LockOwner(String id, String host, long pid, Instant since) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** This process, as an owner that there has not been before. */
  public static LockOwner here() {
    return new LockOwner(
        UUID.randomUUID().toString().substring(24),
        hostName(),
        ProcessHandle.current().pid(),
        Instant.now());
  }

  /** For messages. */
  String describe() {
    return "process " + pid + " on " + host + " since " + since;
  }

  String toJson() {
    return JSON.createObjectNode()
        .put("id", id)
        .put("host", host)
        .put("pid", pid)
        .put("since", since.toString())
        .toString();
  }

  static LockOwner parse(String json) throws JsonProcessingException {
    JsonNode node = JSON.readTree(json);
    return new LockOwner(
        node.path("id").asText(),
        node.path("host").asText(),
        node.path("pid").asLong(),
        Instant.parse(node.path("since").asText()));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A name for people; without one they have the process id.
      return "unknown";
    }
  }
}
