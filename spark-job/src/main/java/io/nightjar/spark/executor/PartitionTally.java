package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BatchCost;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.statistics.DenseStatistics;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.statistics.ScoreStatistics;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.SparseStatistics;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.EnumMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what one pipeline scores, a batch at a time. Used by one thread. */
final class PartitionTally {
  /** Offsets that are read at a time. */
  private static final int BLOCK = 1024;

  private final ScoreProgram program;
  private final FeatureFillers fillers;
  private final ScoreTally scores = new ScoreTally();
  private final EnumMap<BadRowReason, SortedMap<String, Long>> badRows =
      new EnumMap<>(BadRowReason.class);
  private final long[] emptyBags;
  private final long[] ids;
  private final EnumMap<DeviceCount, Long> device = new EnumMap<>(DeviceCount.class);
  private long batches;
  private long rowsIn;
  private long rowsBad;
  private long rowsOut;

  PartitionTally(ScoreProgram program, FeatureFillers fillers) {
    this.program = program;
    this.fillers = fillers;
    this.emptyBags = new long[fillers.sparse().size()];
    this.ids = new long[fillers.sparse().size()];
  }

  /** Counts {@code rows} rows that are filled in and about to be scored. */
  void countFilled(FeatureBatch features, int rows, BadRowMarks marks) {
    fillers.shared().forEach(SharedFiller::end);
    rowsIn += rows;
    rowsBad += marks.count();
    for (int row = marks.nextBad(0, rows); row < rows; row = marks.nextBad(row + 1, rows)) {
      BadRowCause cause = marks.cause(row);
      badRows
          .computeIfAbsent(cause.reason(), reason -> new TreeMap<>())
          .merge(cause.column(), 1L, Long::sum);
    }
    for (int i = 0; i < ids.length; i++) {
      if (features.sparse(i).instances().areRows()) {
        countBags(i, features.sparse(i), rows, marks);
      }
    }
    for (Instances shared : features.shared()) {
      int[] rowsOf = rowsOf(shared, rows, marks);
      for (int i = 0; i < ids.length; i++) {
        if (features.sparse(i).instances() == shared) {
          countBags(i, features.sparse(i), rowsOf);
        }
      }
    }
  }

  /** How many rows, but for bad ones, have each of the instances. */
  private static int[] rowsOf(Instances instances, int rows, BadRowMarks marks) {
    int[] rowsOf = new int[instances.count()];
    for (int row = 0; row < rows; row++) {
      rowsOf[instances.of(row)] += marks.isBad(row) ? 0 : 1;
    }
    return rowsOf;
  }

  /** A bag that rows share counts once a row. */
  private void countBags(int feature, JaggedTensor bags, int[] rowsOf) {
    for (int instance = 0; instance < rowsOf.length; instance++) {
      int length = bags.begin(instance + 1) - bags.begin(instance);
      ids[feature] += (long) length * rowsOf[instance];
      emptyBags[feature] += length == 0 ? rowsOf[instance] : 0;
    }
  }

  private void countBags(int feature, JaggedTensor bags, int rows, BadRowMarks marks) {
    int all = bags.begin(rows);
    ids[feature] += all;
    if (fillers.sparse().get(feature).hasBags()) {
      emptyBags[feature] += emptyBags(bags.offsets(), rows);
    } else {
      emptyBags[feature] += rows - all;
    }
    // What stands there of a bad row is not scored.
    for (int row = marks.nextBad(0, rows); row < rows; row = marks.nextBad(row + 1, rows)) {
      int length = bags.begin(row + 1) - bags.begin(row);
      ids[feature] -= length;
      emptyBags[feature] -= length == 0 ? 1 : 0;
    }
  }

  private static int emptyBags(IntBuffer offsets, int rows) {
    int[] ends = new int[Math.min(BLOCK, rows)];
    int empty = 0;
    int start = 0;
    for (int done = 0; done < rows; done += BLOCK) {
      int part = Math.min(BLOCK, rows - done);
      offsets.get(done + 1, ends, 0, part);
      for (int i = 0; i < part; i++) {
        empty += ends[i] == start ? 1 : 0;
        start = ends[i];
      }
    }
    return empty;
  }

  /** Counts the scores of {@code rows} rows. */
  void countScores(FloatBuffer values, int rows, BadRowMarks marks) {
    scores.count(values, rows, marks);
  }

  /** Counts a batch that was scored. */
  void countCost(BatchCost cost) {
    batches++;
    if (program.model().backend() == Backend.CUDA) {
      for (DeviceCount count : DeviceCount.values()) {
        device.merge(count, DeviceMetrics.of(cost, count), Long::sum);
      }
    }
  }

  /** Counts rows that leave the pipeline. */
  void countOut(int rows) {
    rowsOut += rows;
  }

  /** All that was counted until now; what the time went to is the task's to say. */
  ScoringStatistics statistics() {
    TreeMap<String, SparseStatistics> sparse = new TreeMap<>();
    for (int i = 0; i < ids.length; i++) {
      SparseFiller filler = fillers.sparse().get(i);
      sparse.put(
          program.sparse().get(i).feature(),
          new SparseStatistics(
              rowsIn - rowsBad, emptyBags[i], ids[i] + filler.leftOutIds(), filler.replacedIds()));
    }
    TreeMap<String, DenseStatistics> dense = new TreeMap<>();
    for (int i = 0; i < fillers.dense().size(); i++) {
      dense.put(
          program.dense().get(i).feature(),
          new DenseStatistics(rowsIn, fillers.dense().get(i).replacedNulls()));
    }
    ScoreStatistics counted = scores.statistics();
    return new ScoringStatistics(
        rowsIn,
        rowsOut,
        new TreeMap<>(badRows),
        counted,
        sparse,
        dense,
        new TreeMap<>(),
        batches,
        new TreeMap<>(device));
  }
}
