package io.nightjar.spark.spec;

/** What is done to a dense value after nulls are replaced. */
public enum Transform {
  NONE,
  /** {@code ln(1 + x)}, in double, then rounded to float; a value below -1 gives NaN, a bad row. */
  LOG1P
}
