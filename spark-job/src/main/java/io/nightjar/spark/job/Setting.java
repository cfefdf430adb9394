package io.nightjar.spark.job;

/**
 * One resolved key of the config.
 *
 * @param key below {@code nightjar}
 * @param value as HOCON
 * @param origin where it was said: a file and line, the command line, or the default
 */
record Setting(String key, String value, String origin) {}
