package io.nightjar.spark.job;

import java.util.Optional;

/**
 * What {@code nightjar profile} counts.
 *
 * @param path folder of the counts
 * @param sample share of the rows that are counted; 1 is all
 * @param hotRows most hot rows a table
 */
record ProfileConf(Optional<String> path, double sample, int hotRows) {}
