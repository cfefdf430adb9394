package io.nightjar.batch;

/** What is done to the values of a dense feature before they are scored. */
public enum Transform {
  NONE,
  /** {@code ln(1 + x)}, in double, then rounded to float; a value below -1 gives NaN, a bad row. */
  LOG1P
}
