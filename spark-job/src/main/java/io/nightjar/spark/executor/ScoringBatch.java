package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.spark.spec.BadRows;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** One batch on its way: filled, then submitted, then turned into columns. It borrows a scorer. */
final class ScoringBatch {
  private final DlrmScorer scorer;
  private final FeatureBatch features;
  private final PartitionScoring scoring;
  private final KeptColumns kept;
  private final BadRowMarks marks;
  private final Supplier<Quarantine.Writer> quarantine;
  private final int capacity;
  private int rows;
  private boolean submitted;

  /**
   * Makes an empty batch.
   *
   * @param scorer scores it
   * @param quarantine takes bad rows, where they are to be quarantined
   */
  ScoringBatch(
      DlrmScorer scorer, PartitionScoring scoring, Supplier<Quarantine.Writer> quarantine) {
    this(scorer, scorer.batch(), scoring, quarantine);
  }

  /** Makes a batch that is filled only, and never scored; its bad rows are not quarantined. */
  ScoringBatch(FeatureBatch features, PartitionScoring scoring) {
    this(null, features, scoring, null);
  }

  private ScoringBatch(
      DlrmScorer scorer,
      FeatureBatch features,
      PartitionScoring scoring,
      Supplier<Quarantine.Writer> quarantine) {
    this.scorer = scorer;
    this.features = features;
    this.quarantine = quarantine;
    this.scoring = scoring;
    this.capacity = features.capacity();
    features.shareNothing();
    this.kept = new KeptColumns(scoring.kept(), capacity);
    this.marks = new BadRowMarks(capacity, scoring.program().badRows() == BadRows.QUARANTINE);
  }

  DlrmScorer scorer() {
    return scorer;
  }

  FeatureBatch features() {
    return features;
  }

  BadRowMarks marks() {
    return marks;
  }

  int rows() {
    return rows;
  }

  int room() {
    return capacity - rows;
  }

  boolean isSubmitted() {
    return submitted;
  }

  /** Rows {@code [from, from + count)} of {@code batch} are filled in: keeps their kept columns. */
  void keep(ColumnarBatch batch, int from, int count) {
    int end = rows + count;
    int row = rows;
    while (row < end) {
      int bad = marks.nextBad(row, end);
      int good = badRows() == BadRows.NULL ? end : bad;
      if (good > row) {
        kept.append(batch, from + row - rows, from + good - rows);
      }
      if (bad < end && badRows() == BadRows.FAIL) {
        throw new BadRowException(message(batch.getRow(from + marks.firstRow() - rows)));
      }
      if (bad < end && badRows() == BadRows.QUARANTINE) {
        quarantine(batch.getRow(from + bad - rows), bad);
      }
      row = badRows() == BadRows.NULL ? end : bad + 1;
    }
    rows = end;
  }

  /** One row is filled in: keeps its kept columns. */
  void keep(InternalRow row) {
    if (marks.isBad(rows) && badRows() == BadRows.FAIL) {
      throw new BadRowException(message(row));
    }
    if (!marks.isBad(rows) || badRows() == BadRows.NULL) {
      kept.append(row);
    } else if (badRows() == BadRows.QUARANTINE) {
      quarantine(row, rows);
    }
    rows++;
  }

  private void quarantine(InternalRow row, int marked) {
    quarantine.get().write(row, marks.cause(marked), marks.value(marked));
  }

  private String message(InternalRow row) {
    String values = RowText.of(row, scoring.kept());
    return "Cannot score a row: "
        + marks.firstMessage()
        + (values.isEmpty() ? "" : "; the row: " + values);
  }

  private BadRows badRows() {
    return scoring.program().badRows();
  }

  /** Starts scoring. */
  void submit() {
    submitted = true;
    scorer.batch().rows(rows);
    scorer.submit();
  }

  /** Waits for the scores. */
  void await() {
    scorer.await();
  }

  /** Puts the scores, which were awaited, beside the kept columns. */
  ColumnarBatch finish() {
    int count = badRows() == BadRows.NULL ? rows : rows - marks.count();
    ColumnVector[] keptVectors = kept.vectors();
    boolean logit = scoring.program().logit();
    ColumnVector[] columns =
        Arrays.copyOf(keptVectors, keptVectors.length + (logit ? 2 : 1), ColumnVector[].class);
    columns[keptVectors.length] = column(scorer.scores(), count);
    if (logit) {
      columns[keptVectors.length + 1] = column(scorer.logits(), count);
    }
    return new ColumnarBatch(columns, count);
  }

  private ColumnVector column(FloatBuffer values, int count) {
    OnHeapColumnVector column = new OnHeapColumnVector(Math.max(count, 1), DataTypes.FloatType);
    if (marks.count() == 0) {
      float[] copy = new float[count];
      values.get(0, copy);
      column.putFloats(0, count, copy, 0);
      return column;
    }
    for (int row = 0; row < rows; row++) {
      if (!marks.isBad(row)) {
        column.appendFloat(values.get(row));
      } else if (badRows() == BadRows.NULL) {
        column.appendNull();
      }
    }
    return column;
  }
}
