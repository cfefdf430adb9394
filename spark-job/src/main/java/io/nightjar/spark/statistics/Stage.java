package io.nightjar.spark.statistics;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a task does with its time; it does one thing at a time. */
public enum Stage {
  /** Opening the model, or waiting for who opens it. */
  @JsonProperty("open")
  OPEN,
  /** Getting the next columns out of the child plan; rows are decoded while they are filled in. */
  @JsonProperty("decode")
  DECODE,
  /** Finding the users and items of pairs, where they are held in memory. */
  @JsonProperty("look-up")
  LOOK_UP,
  /** Filling scoring batches; of an input that comes by rows, making the rows too. */
  @JsonProperty("fill")
  FILL,
  /** Waiting for a free scorer. */
  @JsonProperty("wait")
  WAIT,
  /** Handing a batch to the scorer, and waiting for its scores while nothing is left to fill. */
  @JsonProperty("compute")
  COMPUTE,
  /** Putting scores into columns. */
  @JsonProperty("copy-out")
  COPY_OUT,
  /** All that comes after: making rows of the columns, encoding them, writing them out. */
  @JsonProperty("write")
  WRITE
}
