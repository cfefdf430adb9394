package io.nightjar.spark.gates;

/** What becomes of a run that does not pass a gate. */
public enum Action {
  /** The gate is not looked at. */
  OFF,
  /** It is published, and says so. */
  WARN,
  /** It is not published. */
  FAIL
}
