package io.nightjar.spark.gates;

import io.nightjar.spark.statistics.ScoringStatistics;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What gates look at.
 *
 * @param run what the tasks of this run counted
 * @param expectedRows rows that the input's files say there are
 * @param writtenRows rows that the footers of the written files say there are
 * @param last what the last published run counted, if there is one
 * @param duplicateKeys rows whose key another row has too; empty where nobody looked
 */
public record Evidence(
    ScoringStatistics run,
    long expectedRows,
    long writtenRows,
    Optional<ScoringStatistics> last,
    OptionalLong duplicateKeys) {}
