package io.nightjar.spark.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What lies in a folder of published scores: Parquet files, and a few beside them. */
final class PublishedFiles {
  /** Says what run that was; in published scores, or in the folder of a run that failed. */
  static final String MANIFEST = "_MANIFEST.json";

  /** Says that the scores are whole. */
  static final String SUCCESS = "_SUCCESS";

  private static final Logger LOG = LoggerFactory.getLogger(PublishedFiles.class);
  private static final Set<String> BESIDE_SCORES = Set.of(SUCCESS, MANIFEST, "_REPORT.html");

  private PublishedFiles() {}

  /** Whether {@code file} can have been put there by a run. */
  static boolean isOurs(FileStatus file) {
    String name = file.getPath().getName();
    return file.isFile()
        && (BESIDE_SCORES.contains(name)
            || name.startsWith(".")
            || (name.startsWith("part-") && name.endsWith(".parquet")));
  }

  /** The run's id in a manifest, if it is one. */
  static Optional<String> runId(String manifest) {
    try {
      String id = new ObjectMapper().readTree(manifest).at("/run/id").asText();
      return Optional.of(id).filter(text -> !text.isEmpty());
    } catch (JsonProcessingException e) {
      LOG.warn("Published scores have a manifest that is no JSON: {}", e.getOriginalMessage());
      return Optional.empty();
    }
  }
}
