package io.nightjar.spark.executor;

import io.nightjar.batch.Logarithm;
import io.nightjar.batch.Transform;
import io.nightjar.spark.spec.BadRowReason;
import java.nio.FloatBuffer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;

/**
 * Fills one dense feature of a batch: read, replace nulls, transform, narrow and check. Logarithms
 * of floats are left to whoever scores; here it is only seen to that there are some.
 */
final class DenseFiller {
  /** Values that go through all the steps together, so that they stay in the nearest cache. */
  private static final int BLOCK = 1024;

  private final DenseInput input;
  private final int ordinal;
  private final BadRowCause isNull;
  private final Elements elements;
  private final double[] values = new double[BLOCK];
  private final float[] floats = new float[BLOCK];
  private final Transform here;
  private final Transform left;
  private final float ofNull;
  private final PlaceCount replacedNulls = new PlaceCount();

  DenseFiller(DenseInput input, BoundColumn column) {
    this.input = input;
    this.ordinal = column.ordinal();
    this.isNull =
        new BadRowCause(
            BadRowReason.NULL_VALUE,
            input.column(),
            value ->
                "column "
                    + input.column()
                    + " is null, and dense feature "
                    + input.feature()
                    + " has no value for null");
    this.elements = new Elements(column.type());
    // What stands for null is narrowed first then, which must not change it.
    boolean leaves = elements.areFloats() && (!input.replacesNull() || isFloat(input.nullValue()));
    this.here = leaves ? Transform.NONE : input.transform();
    this.left = leaves ? input.transform() : Transform.NONE;
    this.ofNull = transformed(input.nullValue());
  }

  private static boolean isFloat(double value) {
    return (float) value == value;
  }

  int ordinal() {
    return ordinal;
  }

  /** What is left to do for whoever scores. */
  Transform left() {
    return left;
  }

  /** Nulls until now that another value stands for. */
  long replacedNulls() {
    return replacedNulls.count();
  }

  /** Rows {@code [from, from + count)} of {@code column} to {@code out}, from {@code at} on. */
  void fill(ColumnVector column, int from, int count, FloatBuffer out, int at, BadRowMarks marks) {
    for (int done = 0; done < count; done += BLOCK) {
      block(column, from + done, Math.min(BLOCK, count - done), out, at + done, marks);
    }
  }

  private void block(
      ColumnVector column, int from, int count, FloatBuffer out, int at, BadRowMarks marks) {
    boolean good = read(column, from, count);
    if (column.hasNull()) {
      for (int i = 0; i < count; i++) {
        if (column.isNullAt(from + i)) {
          floats[i] = ofNull;
          fillNull(at + i, marks);
        }
      }
    }
    if (!good || !isGood(ofNull)) {
      markNotFinite(column, from, count, at, marks);
    }
    out.put(at, floats, 0, count);
  }

  /**
   * Reads and transforms.
   *
   * @return whether all values are known to be good; what stands in place of a null may be so or
   *     not
   */
  private boolean read(ColumnVector column, int from, int count) {
    boolean log1p = here == Transform.LOG1P;
    if (elements.areFloats()) {
      elements.floats(column, from, count, floats);
      return log1p ? Logarithm.log1p(floats, count) : areGood(count);
    }
    elements.doubles(column, from, count, values);
    for (int i = 0; i < count; i++) {
      floats[i] = log1p ? Logarithm.log1p(values[i]) : (float) values[i];
    }
    return areGood(count);
  }

  private boolean areGood(int count) {
    float below = left == Transform.LOG1P ? -1 : Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      if (!(floats[i] > below && floats[i] < Float.POSITIVE_INFINITY)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a value, with what is left to do to it, is finite. */
  private boolean isGood(float value) {
    return Float.isFinite(scored(value));
  }

  /** What becomes of a value where it is scored. */
  private float scored(float value) {
    return left == Transform.LOG1P ? Logarithm.log1p(value) : value;
  }

  private void markNotFinite(ColumnVector column, int from, int count, int at, BadRowMarks marks) {
    ColumnarArray block = new ColumnarArray(column, from, count);
    for (int i = 0; i < count; i++) {
      if (!isGood(floats[i])) {
        markNotFinite(at + i, scored(floats[i]), block, i, marks);
        floats[i] = 0f;
      }
    }
  }

  private float transformed(double value) {
    return here == Transform.LOG1P ? Logarithm.log1p(value) : (float) value;
  }

  /** Counts nulls of rows that share what was filled. */
  void countAgain(long nulls) {
    replacedNulls.again(nulls);
  }

  /** From now on, until {@link #endInstances}, instances are filled by columns. */
  void beginInstances() {
    replacedNulls.keepPlaces();
  }

  /** What was counted of an instance counts once for each of its rows. */
  void endInstances(int[] rowsOf) {
    replacedNulls.countRows(rowsOf);
  }

  /** Row {@code batchRow} of the batch to {@code out} at {@code at}. */
  void fill(InternalRow row, FloatBuffer out, int at, int batchRow, BadRowMarks marks) {
    double value = input.nullValue();
    if (!row.isNullAt(ordinal)) {
      value = elements.doubleAt(row, ordinal);
    } else {
      fillNull(batchRow, marks);
    }
    float narrowed = transformed(value);
    if (!isGood(narrowed)) {
      markNotFinite(batchRow, scored(narrowed), row, ordinal, marks);
      narrowed = 0f;
    }
    out.put(at, narrowed);
  }

  private void fillNull(int row, BadRowMarks marks) {
    if (input.replacesNull()) {
      replacedNulls.add(row);
    } else {
      marks.mark(row, isNull, () -> null);
    }
  }

  private void markNotFinite(
      int row, float scored, SpecializedGetters source, int position, BadRowMarks marks) {
    BadRowCause cause =
        new BadRowCause(
            BadRowReason.NOT_FINITE,
            input.column(),
            value ->
                "dense feature "
                    + input.feature()
                    + " becomes "
                    + scored
                    + " from the value "
                    + value
                    + " of column "
                    + input.column());
    marks.mark(row, cause, () -> elements.textAt(source, position));
  }
}
