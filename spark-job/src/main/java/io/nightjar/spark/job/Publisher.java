package io.nightjar.spark.job;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/**
 * Brings a run's files to where readers look, as a whole. Until {@link #publish} readers see what
 * was there before; when a run fails, they still do.
 */
interface Publisher {

  /** Where readers look after {@link #publish}. */
  Path target();

  /**
   * An absent folder that no reader looks into, on the target's file system; the run writes it.
   *
   * @throws JobException if the target holds what no run wrote
   */
  Path stage() throws IOException;

  /** Puts the staged folder in the target's place. */
  void publish() throws IOException;

  /** Takes away what was staged. */
  void discard() throws IOException;
}
