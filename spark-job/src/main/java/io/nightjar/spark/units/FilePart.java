package io.nightjar.spark.units;

import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * The row groups of a Parquet file whose middle lies in a range of its bytes.
 *
 * @param path the file
 * @param from the first byte
 * @param to the byte after the last
 */
public record FilePart(Path path, long from, long to) implements Serializable {

  long bytes() {
    return to - from;
  }
}
