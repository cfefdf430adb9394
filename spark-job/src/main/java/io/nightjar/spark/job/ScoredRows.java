package io.nightjar.spark.job;

import io.nightjar.spark.gates.GateResult;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.util.List;
import java.util.Optional;

/**
 * What a run has staged.
 *
 * @param in rows of the input, as its files say
 * @param written rows of the staged files, as their footers say
 * @param files staged Parquet files
 * @param bytes their size
 * @param content what the files of the model held, as executors agreed; blank where none opened it
 * @param statistics what the tasks counted
 * @param units what was written of them when
 * @param quarantine where bad rows go, if they are quarantined
 * @param gates what came of the gates; empty before they were looked at
 */
record ScoredRows(
    long in,
    long written,
    int files,
    long bytes,
    String content,
    ScoringStatistics statistics,
    List<Manifest.Unit> units,
    Optional<String> quarantine,
    List<GateResult> gates) {

  /** Rows with a score. */
  long scored() {
    return statistics.scored();
  }

  /** The same after the gates were looked at. */
  ScoredRows withGates(List<GateResult> results) {
    return new ScoredRows(
        in, written, files, bytes, content, statistics, units, quarantine, results);
  }
}
