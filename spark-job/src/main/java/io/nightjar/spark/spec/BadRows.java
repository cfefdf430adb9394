package io.nightjar.spark.spec;

/** What becomes of a row whose features cannot be scored. */
public enum BadRows {
  /** The whole job stops on the first one, naming it. */
  FAIL,
  /** The row is left out and counted. */
  DROP,
  /** The row is kept with a null score and counted. */
  NULL,
  /** The row is left out and counted, and written elsewhere with what is wrong with it. */
  QUARANTINE
}
