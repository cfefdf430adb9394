package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoringStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * What one attempt of a task counts and measures, in all its pipelines. It lives as long as the
 * attempt; who commits the attempt's output takes the statistics with it.
 */
final class TaskLedger {
  private static final Map<Long, TaskLedger> OPEN = new ConcurrentHashMap<>();

  private final StageClock clock = new StageClock();
  private final List<PartitionTally> tallies = new ArrayList<>();

  private final List<FilePart> read = new ArrayList<>();

  private Optional<Quarantine> quarantine = Optional.empty();

  private TaskLedger() {}

  /** The ledger of {@code task}, opened when it is first asked for. */
  static TaskLedger of(TaskContext task) {
    TaskLedger ledger = OPEN.get(task.taskAttemptId());
    if (ledger == null) {
      ledger = new TaskLedger();
      OPEN.put(task.taskAttemptId(), ledger);
      task.addTaskCompletionListener(
          (TaskCompletionListener) ended -> OPEN.remove(ended.taskAttemptId()));
    }
    return ledger;
  }

  /** The ledger of {@code task}, if anything was read or scored in it. */
  static Optional<TaskLedger> find(TaskContext task) {
    return Optional.ofNullable(OPEN.get(task.taskAttemptId()));
  }

  StageClock clock() {
    return clock;
  }

  /** Says where this attempt's bad rows go; whoever says so closes it. */
  void quarantine(Quarantine place) {
    quarantine = Optional.of(place);
  }

  /**
   * Where this attempt's bad rows go.
   *
   * @throws IllegalStateException if what runs is no write that has a place for them
   */
  Quarantine quarantine() {
    return quarantine.orElseThrow(
        () ->
            new IllegalStateException(
                "Cannot quarantine a bad row: this is no write with option "
                    + StatisticsCommitProtocol.QUARANTINE_OPTION
                    + " and "
                    + StatisticsCommitProtocol.KEY
                    + " = "
                    + StatisticsCommitProtocol.class.getName()));
  }

  /** Closes the quarantine's files, if there are any. */
  void closeQuarantine() {
    quarantine.ifPresent(Quarantine::close);
  }

  /** Takes the counts of another pipeline in. */
  void add(PartitionTally tally) {
    tallies.add(tally);
  }

  /** Says that {@code part} is read; what reads it reads it to its end. */
  void read(FilePart part) {
    read.add(part);
  }

  /** What was read until now. */
  List<FilePart> read() {
    return read;
  }

  /** All that was counted until now. */
  ScoringStatistics statistics() {
    ScoringStatistics counted =
        tallies.stream()
            .map(PartitionTally::statistics)
            .reduce(ScoringStatistics.EMPTY, ScoringStatistics::merge);
    return counted.withStageNanos(new TreeMap<>(clock.nanos()));
  }
}
