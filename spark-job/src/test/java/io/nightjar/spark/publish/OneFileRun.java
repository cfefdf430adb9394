package io.nightjar.spark.publish;

import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.fs.Path;

/** Runs whose scores are one file with a text. */
final class OneFileRun {
  private OneFileRun() {}

  static Duration publish(OutputFolder output, String id, String text) throws IOException {
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), Duration.ofMinutes(1))) {
      return stage(output, lock, id, text).publish(manifest(id));
    }
  }

  static RunFolder stage(OutputFolder output, PublishLock lock, String id, String text)
      throws IOException {
    RunFolder run = RunFolder.open(output, lock, id, false);
    try (var out = output.fs().create(new Path(run.scores(), "part-0.parquet"))) {
      out.writeBytes(text);
    }
    return run;
  }

  static String manifest(String id) {
    return "{\"run\": {\"id\": \"" + id + "\"}}";
  }
}
