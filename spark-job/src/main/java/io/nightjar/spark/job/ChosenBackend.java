package io.nightjar.spark.job;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.executor.BackendDecision;
import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.Locale;

/**
 * What computes the scores of a run.
 *
 * @param backend the backend
 * @param precision arithmetic of its matrix products
 * @param why what decided it
 */
record ChosenBackend(Backend backend, Precision precision, String why) {

  /** What {@code spec} means in this application. */
  static ChosenBackend of(ScoringSpec spec) {
    BackendDecision decision =
        ScoringDriver.current()
            .orElseThrow(() -> new IllegalStateException("Cannot score: no plugin runs here"))
            .decide(spec.backend());
    return new ChosenBackend(decision.backend(), spec.precision(), decision.why());
  }

  @Override
  public String toString() {
    return (backend + " " + precision).toLowerCase(Locale.ROOT) + " (" + why + ")";
  }
}
