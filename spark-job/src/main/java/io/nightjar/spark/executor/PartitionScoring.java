package io.nightjar.spark.executor;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * A {@code Score} as it travels to the executors: what to do, and where the columns lie.
 *
 * @param program what to score with and how
 * @param inputs the columns that the program reads, in its order
 * @param kept the columns that are put out again
 * @param scorers most scorers an executor opens for this model and batch size
 * @param metrics what is counted
 */
public record PartitionScoring(
    ScoreProgram program,
    List<BoundColumn> inputs,
    List<BoundColumn> kept,
    int scorers,
    ScoreMetrics metrics)
    implements Serializable {

  public PartitionScoring {
    inputs = List.copyOf(inputs);
    kept = List.copyOf(kept);
  }

  /** Scores the columnar batches of the current task's partition. */
  public Iterator<ColumnarBatch> ofColumns(Iterator<ColumnarBatch> batches) {
    return new PartitionScorer(
        this, new ColumnFiller(batches, FeatureFillers.of(program, inputs), metrics));
  }

  /** Scores the rows of the current task's partition. */
  public Iterator<ColumnarBatch> ofRows(Iterator<InternalRow> rows) {
    return new PartitionScorer(this, new RowFiller(rows, FeatureFillers.of(program, inputs)));
  }
}
