package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.spark.statistics.Stage;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Fills from columnar batches, whole columns at a time; what belongs to a key once a key. */
final class ColumnFiller implements BatchFiller {
  private final Iterator<ColumnarBatch> batches;
  private final FeatureFillers features;
  private final ScoreMetrics metrics;
  private final StageClock clock = TaskLedger.of(TaskContext.get()).clock();
  private final StageClock.Turn decode;
  private ColumnarBatch current;
  private int position;

  ColumnFiller(Iterator<ColumnarBatch> batches, FeatureFillers features, ScoreMetrics metrics) {
    this.batches = batches;
    this.features = features;
    this.metrics = metrics;
    this.decode = metrics.turn(Stage.DECODE);
  }

  @Override
  public boolean hasNext() {
    while (current == null || position == current.numRows()) {
      current = null;
      position = 0;
      StageClock.Turn filling = clock.enter(decode);
      try {
        if (!batches.hasNext()) {
          return false;
        }
        current = batches.next();
      } finally {
        clock.enter(filling);
      }
    }
    return true;
  }

  @Override
  public void fill(ScoringBatch batch) {
    int count = Math.min(batch.room(), current.numRows() - position);
    int at = batch.rows();
    FeatureBatch target = batch.features();
    // First, for a row without its partner has nulls that would be blamed instead.
    for (RequiredCheck check : features.required()) {
      check.mark(current, position, count, at, batch.marks());
    }
    if (at == 0) {
      features.begin(target);
      features.shared().forEach(shared -> shared.begin(target, current));
    }
    for (SharedFiller shared : features.shared()) {
      shared.fill(current, position, count, target, at, batch.marks());
    }
    for (int i = 0; i < features.dense().size(); i++) {
      if (target.denseInstances(i).areRows()) {
        DenseFiller filler = features.dense().get(i);
        ColumnVector column = current.column(filler.ordinal());
        filler.fill(column, position, count, target.dense(i), at, batch.marks());
      }
    }
    for (int i = 0; i < features.sparse().size(); i++) {
      if (target.sparse(i).instances().areRows()) {
        SparseFiller filler = features.sparse().get(i);
        ColumnVector column = current.column(filler.ordinal());
        filler.fill(column, position, count, target.sparse(i), at, batch.marks());
      }
    }
    batch.keep(current, position, count);
    position += count;
    metrics.columnarRows().add(count);
  }

  @Override
  public FeatureFillers features() {
    return features;
  }
}
