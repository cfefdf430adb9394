package io.nightjar.spark.gates;

/**
 * What the config says of one gate.
 *
 * @param action what becomes of a run that does not pass
 * @param limit the greatest figure that passes
 */
public record GateRule(Action action, double limit) {}
