package io.nightjar.spark.job;

import io.nightjar.spark.gates.Action;
import io.nightjar.spark.gates.Gate;
import io.nightjar.spark.gates.GateRule;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what a run must keep to. */
final class SafetyReader {
  private final ConfReader reader;

  SafetyReader(ConfReader reader) {
    this.reader = reader;
  }

  /**
   * Reads it.
   *
   * @param output the folder of the scores
   * @param quarantines whether bad rows are to be quarantined
   */
  SafetyConf read(String output, boolean quarantines) {
    Map<Gate, GateRule> rules = new EnumMap<>(Gate.class);
    for (Gate gate : Gate.values()) {
      rules.put(gate, rule(gate));
    }
    List<String> keys = reader.value(ConfigKey.KEY_COLUMNS).names();
    if (keys.isEmpty() && rules.get(Gate.DUPLICATE_KEYS).action() != Action.OFF) {
      throw reader
          .value(ConfigKey.KEY_COLUMNS)
          .invalid("at least one column with gates.duplicate-keys on");
    }
    String beside = output.replaceFirst("/+$", "") + "-quarantine";
    return new SafetyConf(
        reader.value(ConfigKey.MAX_BAD_FRACTION).decimal(1),
        quarantines
            ? Optional.of(reader.path(ConfigKey.QUARANTINE_PATH).orElse(beside))
            : Optional.empty(),
        rules,
        keys);
  }

  private GateRule rule(Gate gate) {
    return switch (gate) {
      case ROWS -> none(ConfigKey.GATE_ROWS);
      case FINITE -> none(ConfigKey.GATE_FINITE);
      case RANGE -> none(ConfigKey.GATE_RANGE);
      case SATURATED -> some(ConfigKey.GATE_SATURATED, ConfigKey.SATURATED_LIMIT, 1);
      case ROW_COUNT -> some(ConfigKey.GATE_ROW_COUNT, ConfigKey.ROW_COUNT_LIMIT);
      case MEAN -> some(ConfigKey.GATE_MEAN, ConfigKey.MEAN_LIMIT);
      case QUANTILES -> some(ConfigKey.GATE_QUANTILES, ConfigKey.QUANTILES_LIMIT);
      case PSI -> some(ConfigKey.GATE_PSI, ConfigKey.PSI_LIMIT);
      case EMPTY_BAGS -> some(ConfigKey.GATE_EMPTY_BAGS, ConfigKey.EMPTY_BAGS_LIMIT, 1);
      case REPLACED_IDS -> some(ConfigKey.GATE_REPLACED_IDS, ConfigKey.REPLACED_IDS_LIMIT, 1);
      case DUPLICATE_KEYS -> none(ConfigKey.GATE_DUPLICATE_KEYS);
    };
  }

  /** A rule that lets nothing of its kind pass. */
  private GateRule none(ConfigKey action) {
    return new GateRule(reader.value(action).choice(Action.values()), 0);
  }

  private GateRule some(ConfigKey action, ConfigKey limit) {
    return some(action, limit, Double.MAX_VALUE);
  }

  private GateRule some(ConfigKey action, ConfigKey limit, double most) {
    return new GateRule(
        reader.value(action).choice(Action.values()), reader.value(limit).decimal(most));
  }
}
