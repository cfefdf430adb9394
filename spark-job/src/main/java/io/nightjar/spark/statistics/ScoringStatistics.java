package io.nightjar.spark.statistics;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.nightjar.spark.spec.BadRowReason;
import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was counted while rows were scored: by one task, or by all tasks of a unit or a run.
 *
 * <p>Merging is associative and commutative, up to the rounding of {@link ScoreStatistics#sum}, and
 * {@link #EMPTY} changes nothing. Any Jackson mapper reads what any other wrote.
 *
 * @param rowsIn rows that were to be scored
 * @param rowsOut rows that were put out, with a score or with null
 * @param badRows rows that cannot be scored: reason to column to how many; a row has one reason,
 *     the first that was found
 * @param scores how the scores lie
 * @param sparse the model's sparse features by name
 * @param dense the model's dense features by name
 * @param stageNanos what the tasks' time went to, added up over all tasks; what comes before the
 *     first row and after the last commit is not in it
 * @param batches batches scored
 * @param device what devices did meanwhile; empty where the CPU scored
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ScoringStatistics(
    long rowsIn,
    long rowsOut,
    SortedMap<BadRowReason, SortedMap<String, Long>> badRows,
    ScoreStatistics scores,
    SortedMap<String, SparseStatistics> sparse,
    SortedMap<String, DenseStatistics> dense,
    SortedMap<Stage, Long> stageNanos,
    long batches,
    SortedMap<DeviceCount, Long> device)
    implements Serializable {

  /** Of no rows. */
  public static final ScoringStatistics EMPTY =
      new ScoringStatistics(
          0,
          0,
          new TreeMap<>(),
          ScoreStatistics.EMPTY,
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeMap<>(),
          0,
          new TreeMap<>());

  public ScoringStatistics {
    badRows = Maps.copy(badRows);
    sparse = Maps.copy(sparse);
    dense = Maps.copy(dense);
    stageNanos = Maps.copy(stageNanos);
    device = device == null ? new TreeMap<>() : Maps.copy(device); // older manifests
  }

  /** Rows that cannot be scored, whatever the reason. */
  public long badRowCount() {
    return badRows.values().stream()
        .flatMap(columns -> columns.values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Rows that have a score, be it a number or not. */
  public long scored() {
    return scores.count() + scores.notFinite();
  }

  /** These counts, and what the time went to. */
  public ScoringStatistics withStageNanos(SortedMap<Stage, Long> nanos) {
    return new ScoringStatistics(
        rowsIn, rowsOut, badRows, scores, sparse, dense, nanos, batches, device);
  }

  /** Both together. */
  public ScoringStatistics merge(ScoringStatistics other) {
    return new ScoringStatistics(
        rowsIn + other.rowsIn,
        rowsOut + other.rowsOut,
        Maps.merge(badRows, other.badRows, (one, two) -> Maps.merge(one, two, Long::sum)),
        scores.merge(other.scores),
        Maps.merge(sparse, other.sparse, SparseStatistics::merge),
        Maps.merge(dense, other.dense, DenseStatistics::merge),
        Maps.merge(stageNanos, other.stageNanos, Long::sum),
        batches + other.batches,
        Maps.merge(device, other.device, Long::sum));
  }
}
