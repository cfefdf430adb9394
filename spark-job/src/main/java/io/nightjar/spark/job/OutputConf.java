package io.nightjar.spark.job;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where the scores go.
 *
 * @param path the folder
 * @param table the table that takes the scores in the folder's place
 * @param keepColumns columns of the input that are written beside the scores; {@code *} is all
 * @param runDate the run's partition below {@code path}; empty when the output has none
 * @param compression codec of the Parquet, as Spark names it
 * @param maxRowsPerFile most rows of one file
 * @param unitBytes least bytes of the driving table that are kept as one unit; empty leaves it to
 *     the planner
 * @param allowEmpty whether a run without scores may take the place of published ones
 * @param lockExpiry after how long without a sign of life another run is taken for dead
 */
record OutputConf(
    String path,
    Optional<String> table,
    List<String> keepColumns,
    Optional<LocalDate> runDate,
    String compression,
    long maxRowsPerFile,
    OptionalLong unitBytes,
    boolean allowEmpty,
    Duration lockExpiry) {}
