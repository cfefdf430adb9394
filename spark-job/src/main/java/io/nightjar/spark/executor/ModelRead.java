package io.nightjar.spark.executor;

import io.nightjar.model.InvalidModelException;
import java.io.Serializable;

/**
 * What an executor read when it opened a model; the driver answers with what the first one read.
 *
 * @param edition which model
 * @param content of its files, by {@code ModelContent}
 * @param executor who read it, for people
 */
record ModelRead(String edition, String content, String executor) implements Serializable {

  /**
   * Holds this to what the first executor read.
   *
   * @throws InvalidModelException if the files are other ones
   */
  void mustAgreeWith(ModelRead first, String location) {
    if (!content.equals(first.content)) {
      throw new InvalidModelException(
          "Cannot open model %s: its files have content %s on %s, and %s on %s"
              .formatted(location, content, executor, first.content, first.executor));
    }
  }
}
