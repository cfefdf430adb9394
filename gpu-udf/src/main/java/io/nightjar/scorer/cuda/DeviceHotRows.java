package io.nightjar.scorer.cuda;

import io.nightjar.cuda.DeviceBuffer;
import java.util.Optional;

/**
 * What the device is told of a table's hot rows.
 *
 * @param count how many are known
 * @param rows [count] where they lie in the table, most frequent first; empty where none are known
 * @param places [num_embeddings] where each row lies; empty where the rows are in their own order
 */
record DeviceHotRows(int count, Optional<DeviceBuffer> rows, Optional<DeviceBuffer> places) {
  static final DeviceHotRows NONE = new DeviceHotRows(0, Optional.empty(), Optional.empty());
}
