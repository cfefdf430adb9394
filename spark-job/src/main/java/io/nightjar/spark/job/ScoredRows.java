package io.nightjar.spark.job;

/**
 * What a run has staged.
 *
 * @param in rows that were to be scored
 * @param written rows in the staged files
 * @param scored of them with a score
 * @param files staged Parquet files
 * @param bytes their size
 */
record ScoredRows(long in, long written, long scored, int files, long bytes) {}
