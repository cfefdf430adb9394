package io.nightjar.spark.gates;

import java.util.OptionalDouble;

/**
 * What came of one gate.
 *
 * @param gate which
 * @param action what the config says of it
 * @param outcome what came of it
 * @param figure what was measured; empty where nothing was
 * @param limit the greatest figure that passes
 * @param message the figure and what it means, in one line
 */
public record GateResult(
    Gate gate,
    Action action,
    Outcome outcome,
    OptionalDouble figure,
    double limit,
    String message) {

  /** What came of a gate. */
  public enum Outcome {
    /** The figure is within the limit. */
    PASSED,
    /** The figure is beyond the limit. */
    FAILED,
    /** The gate is off, or there is nothing to measure or to compare with. */
    SKIPPED
  }

  /** Whether the run must not be published. */
  public boolean stops() {
    return outcome == Outcome.FAILED && action == Action.FAIL;
  }

  /** Whether the run is published, and whoever reads of it should know. */
  public boolean warns() {
    return outcome == Outcome.FAILED && action == Action.WARN;
  }
}
