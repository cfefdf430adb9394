package io.nightjar.spark.units;

import io.nightjar.spark.executor.FilePart;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A part of the driving table.
 *
 * @param number its place among those that were planned, or among those that a run has staged, from
 *     0
 * @param parts what it reads
 */
public record Unit(int number, List<FilePart> parts) {

  public Unit {
    parts = List.copyOf(parts);
  }

  /** Its number and a hash of its parts: other units have other names. */
  public String name() {
    CRC32C hash = new CRC32C();
    hash.update(parts.toString().getBytes(StandardCharsets.UTF_8));
    return "%05d-%08x".formatted(number, hash.getValue());
  }

  long bytes() {
    return FileParts.bytes(parts);
  }
}
