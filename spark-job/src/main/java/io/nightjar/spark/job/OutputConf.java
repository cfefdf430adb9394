package io.nightjar.spark.job;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * Where the scores go.
 *
 * @param path the folder
 * @param keepColumns columns of the input that are written beside the scores; {@code *} is all
 * @param runDate the run's partition below {@code path}; empty when the output has none
 * @param compression codec of the Parquet, as Spark names it
 * @param maxRowsPerFile most rows of one file
 */
record OutputConf(
    String path,
    List<String> keepColumns,
    Optional<LocalDate> runDate,
    String compression,
    long maxRowsPerFile) {}
