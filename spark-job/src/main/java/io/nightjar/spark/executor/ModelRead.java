package io.nightjar.spark.executor;

import java.io.Serializable;

/**
 * What an executor read when it opened a model; the driver answers how that differs from what the
 * first one read.
 *
 * @param edition which model
 * @param location where it is
 * @param content of its files, by {@code ModelContent}
 * @param executor who read it, for people
 */
record ModelRead(String edition, String location, String content, String executor)
    implements Serializable {

  /** The complaint about this where {@code first} is of other files; empty where both agree. */
  String difference(ModelRead first) {
    return content.equals(first.content)
        ? ""
        : "Cannot open model %s: its files have content %s on %s, and %s on %s"
            .formatted(location, content, executor, first.content, first.executor);
  }
}
