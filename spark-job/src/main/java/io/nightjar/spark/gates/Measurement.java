package io.nightjar.spark.gates;

/**
 * What a gate measured.
 *
 * @param figure what is held against the limit
 * @param detail what it was made of, for people
 */
record Measurement(double figure, String detail) {}
