package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Fills from rows, straight into the batch; what belongs to a key once a key. To time each row
 * would cost a good part of it, so what makes the rows counts as filling.
 */
final class RowFiller implements BatchFiller {
  private final Iterator<InternalRow> rows;
  private final FeatureFillers features;
  private InternalRow current;

  RowFiller(Iterator<InternalRow> rows, FeatureFillers features) {
    this.rows = rows;
    this.features = features;
  }

  @Override
  public boolean hasNext() {
    if (current == null && rows.hasNext()) {
      current = rows.next();
    }
    return current != null;
  }

  @Override
  public void fill(ScoringBatch batch) {
    int at = batch.rows();
    FeatureBatch target = batch.features();
    // First, for a row without its partner has nulls that would be blamed instead.
    for (RequiredCheck check : features.required()) {
      check.mark(current, at, batch.marks());
    }
    if (at == 0) {
      features.begin(target);
      features.shared().forEach(shared -> shared.begin(target));
    }
    for (SharedFiller shared : features.shared()) {
      shared.fill(current, target, at, batch.marks());
    }
    for (int i = 0; i < features.dense().size(); i++) {
      if (target.denseInstances(i).areRows()) {
        features.dense().get(i).fill(current, target.dense(i), at, at, batch.marks());
      }
    }
    for (int i = 0; i < features.sparse().size(); i++) {
      if (target.sparse(i).instances().areRows()) {
        features.sparse().get(i).fill(current, target.sparse(i), at, at, batch.marks());
      }
    }
    batch.keep(current);
    current = null;
  }

  @Override
  public FeatureFillers features() {
    return features;
  }
}
