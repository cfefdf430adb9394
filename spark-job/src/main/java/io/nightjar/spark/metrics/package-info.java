/** A run's figures for those who watch many runs: Prometheus, by push or by file. */
package io.nightjar.spark.metrics;
