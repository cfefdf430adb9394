package io.nightjar.spark.job;

import io.nightjar.spark.gates.Gate;
import io.nightjar.spark.gates.GateRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run must keep to, or else it is not published.
 *
 * @param maxBadFraction greatest share of bad rows
 * @param quarantine the folder for bad rows, where these are to be quarantined
 * @param gates what the config says of each gate
 * @param keyColumns columns of the output that tell its rows apart, for the gate that looks at that
 */
record SafetyConf(
    double maxBadFraction,
    Optional<String> quarantine,
    Map<Gate, GateRule> gates,
    List<String> keyColumns) {}
