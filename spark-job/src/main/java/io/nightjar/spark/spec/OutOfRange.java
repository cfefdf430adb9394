package io.nightjar.spark.spec;

import java.io.Serializable;

/** What a row id outside its table means. */
public sealed interface OutOfRange extends Serializable {

  /** The row is bad. */
  record BadRow() implements OutOfRange {}

  /** The id is left out of its bag. */
  record Empty() implements OutOfRange {}

  /** The id is replaced by this row id, which must lie in the table. */
  record RowId(long id) implements OutOfRange {}
}
