package io.nightjar.spark.executor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A device that faults under the first task that uses it; called from Spark SQL. */
public final class FaultyDevice {
  private FaultyDevice() {}

  /**
   * Ends the executor as a poisoned context would, unless one before it did.
   *
   * @param mark is there once an executor ended
   * @return 0
   */
  public static int use(String mark) throws IOException {
    if (!Files.exists(Path.of(mark))) {
      Files.createFile(Path.of(mark));
      throw DeviceFault.end(new IllegalStateException("a fault"));
    }
    return 0;
  }
}
