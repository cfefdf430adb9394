package io.nightjar.spark.executor;

import java.io.Serializable;
import org.apache.spark.TaskContext;

/**
 * The row groups of a Parquet file whose middle lies in a range of its bytes.
 *
 * @param path the file
 * @param from the first byte
 * @param to the byte after the last
 */
public record FilePart(String path, long from, long to) implements Serializable {

  /** How many bytes those are. */
  public long bytes() {
    return to - from;
  }

  /** Says that the task that runs here reads this to its end; what it commits says so then. */
  public void isRead() {
    TaskLedger.of(TaskContext.get()).read(this);
  }
}
