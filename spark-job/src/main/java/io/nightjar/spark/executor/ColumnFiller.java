package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import java.util.Iterator;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Fills from columnar batches, whole columns at a time. */
final class ColumnFiller implements BatchFiller {
  private final Iterator<ColumnarBatch> batches;
  private final FeatureFillers features;
  private final ScoreMetrics metrics;
  private ColumnarBatch current;
  private int position;
  private long fillNanos;

  ColumnFiller(Iterator<ColumnarBatch> batches, FeatureFillers features, ScoreMetrics metrics) {
    this.batches = batches;
    this.features = features;
    this.metrics = metrics;
  }

  @Override
  public boolean hasNext() {
    while (current == null || position == current.numRows()) {
      current = null;
      position = 0;
      if (!batches.hasNext()) {
        return false;
      }
      current = batches.next();
    }
    return true;
  }

  @Override
  public void fill(ScoringBatch batch) {
    long start = System.nanoTime();
    int count = Math.min(batch.room(), current.numRows() - position);
    int at = batch.rows();
    FeatureBatch target = batch.features();
    // First, for a row without its partner has nulls that would be blamed instead.
    for (RequiredCheck check : features.required()) {
      check.mark(current.column(check.ordinal()), position, count, at, batch.marks());
    }
    for (int i = 0; i < features.dense().size(); i++) {
      DenseFiller filler = features.dense().get(i);
      ColumnVector column = current.column(filler.ordinal());
      filler.fill(column, position, count, target.dense(i), at, batch.marks());
    }
    for (int i = 0; i < features.sparse().size(); i++) {
      SparseFiller filler = features.sparse().get(i);
      ColumnVector column = current.column(filler.ordinal());
      filler.fill(column, position, count, target.sparse(i), at, batch.marks());
    }
    batch.keep(current, position, count);
    position += count;
    metrics.columnarRows().add(count);
    fillNanos += System.nanoTime() - start;
  }

  @Override
  public long takeFillNanos(ScoringBatch batch) {
    long taken = fillNanos;
    fillNanos = 0;
    return taken;
  }
}
