package io.nightjar.spark.statistics;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What is counted of a device's work, by its own clock; it runs beside the tasks. */
public enum DeviceCount {
  /** Nanoseconds in which batches crossed to the device. */
  @JsonProperty("copy-in-nanos")
  COPY_IN_NANOS,
  /** Nanoseconds from the first step of each batch to its last. */
  @JsonProperty("compute-nanos")
  COMPUTE_NANOS,
  /** Nanoseconds in which scores crossed back. */
  @JsonProperty("copy-out-nanos")
  COPY_OUT_NANOS,
  /** Nanoseconds in which the device did any of these, for any task, counted once. */
  @JsonProperty("busy-nanos")
  BUSY_NANOS,
  /** Bytes that crossed to the device. */
  @JsonProperty("bytes-in")
  BYTES_IN,
  /** Bytes that crossed back. */
  @JsonProperty("bytes-out")
  BYTES_OUT
}
