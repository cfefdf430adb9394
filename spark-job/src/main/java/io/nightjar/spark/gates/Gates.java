package io.nightjar.spark.gates;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Checks a run before it is published. */
public final class Gates {
  private Gates() {}

  /** Looks at every gate, in order; a gate without a rule is off. */
  public static List<GateResult> check(Map<Gate, GateRule> rules, Evidence evidence) {
    List<GateResult> results = new ArrayList<>();
    for (Gate gate : Gate.values()) {
      results.add(check(gate, rules.getOrDefault(gate, new GateRule(Action.OFF, 0)), evidence));
    }
    return results;
  }

  private static GateResult check(Gate gate, GateRule rule, Evidence evidence) {
    if (rule.action() == Action.OFF) {
      return skipped(gate, rule, "off");
    }
    Optional<Measurement> measured = Measurements.of(gate, evidence);
    if (measured.isEmpty()) {
      return skipped(gate, rule, "nothing to measure, or no run to compare with");
    }
    double figure = measured.get().figure();
    boolean passes = figure <= rule.limit();
    return new GateResult(
        gate,
        rule.action(),
        passes ? GateResult.Outcome.PASSED : GateResult.Outcome.FAILED,
        OptionalDouble.of(figure),
        rule.limit(),
        measured.get().detail()
            + ": "
            + text(figure)
            + (passes ? ", limit " : ", over the limit ")
            + text(rule.limit()));
  }

  private static String text(double figure) {
    boolean whole = figure == Math.rint(figure) && Math.abs(figure) < 1e15;
    return whole
        ? String.format(Locale.ROOT, "%,d", (long) figure)
        : String.format(Locale.ROOT, "%.4g", figure);
  }

  private static GateResult skipped(Gate gate, GateRule rule, String why) {
    return new GateResult(
        gate, rule.action(), GateResult.Outcome.SKIPPED, OptionalDouble.empty(), rule.limit(), why);
  }
}
