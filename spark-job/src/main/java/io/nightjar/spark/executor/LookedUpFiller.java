package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.spark.lookup.LookedUpColumn;
import io.nightjar.spark.lookup.LookedUpRows;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Fills features that were looked up in a table: once for each row of the table in a batch, all new
 * ones of a stretch by whole columns, however many rows of the batch have it.
 *
 * <p>What the fillers count goes by rows all the same, and so does what is wrong with an instance.
 */
final class LookedUpFiller {
  private final SharedInputs inputs;
  private final List<DenseFiller> dense;
  private final List<SparseFiller> sparse;
  // Places of instances, hashed by their rows of the table; twice as many as a batch has rows.
  private int[] places = new int[0];
  // Of each instance: the row of the table, and how many rows have it.
  private int[] tableRows = new int[0];
  private int[] rowsOf = new int[0];
  private int[] ofRows = new int[0];
  private Instances instances;
  private BadRowMarks wrong;

  LookedUpFiller(SharedInputs inputs, List<DenseFiller> dense, List<SparseFiller> sparse) {
    this.inputs = inputs;
    this.dense = dense;
    this.sparse = sparse;
  }

  /** Which rows of one table all of the features' columns have, if they were looked up there. */
  Optional<LookedUpRows> rows(ColumnarBatch batch) {
    LookedUpRows rows = null;
    for (DenseFiller filler : dense) {
      rows = common(rows, batch.column(filler.ordinal()));
      if (rows == null) {
        return Optional.empty();
      }
    }
    for (SparseFiller filler : sparse) {
      rows = common(rows, batch.column(filler.ordinal()));
      if (rows == null) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(rows);
  }

  // Columns of one lookup have the very same rows.
  @SuppressWarnings("ReferenceEquality")
  private static LookedUpRows common(LookedUpRows rows, ColumnVector column) {
    return column instanceof LookedUpColumn found && (rows == null || rows == found.rows())
        ? found.rows()
        : null;
  }

  /** Begins a batch, in which there is no instance yet. */
  void begin(FeatureBatch batch) {
    int capacity = batch.capacity();
    if (tableRows.length < capacity) {
      places = new int[Integer.highestOneBit(capacity) << 2];
      tableRows = new int[capacity];
      rowsOf = new int[capacity];
    }
    Arrays.fill(places, 0);
    wrong = new BadRowMarks(capacity, true);
    instances = batch.share(inputs.dense(), inputs.sparse());
    instances.count(0);
    dense.forEach(DenseFiller::beginInstances);
    sparse.forEach(SparseFiller::beginInstances);
  }

  /**
   * Rows {@code [from, from + count)} of {@code rows} are those from {@code at} on in the batch.
   */
  void fill(
      ColumnarBatch rows,
      LookedUpRows found,
      int from,
      int count,
      FeatureBatch batch,
      int at,
      BadRowMarks marks) {
    int before = instances.count();
    if (ofRows.length < count) {
      ofRows = new int[count];
    }
    for (int i = 0; i < count; i++) {
      ofRows[i] = instance(found.of(from + i));
      rowsOf[ofRows[i]]++;
    }
    instances.ofRows().put(at, ofRows, 0, count);
    if (instances.count() > before) {
      fillNew(rows, before, instances.count() - before, batch);
    }
    for (int i = 0; i < count && wrong.count() > 0; i++) {
      int instance = ofRows[i];
      if (wrong.isBad(instance)) {
        marks.mark(at + i, wrong.cause(instance), () -> wrong.value(instance));
      }
    }
  }

  /** The instance of a row of the table; a new one if it has none yet. */
  private int instance(int tableRow) {
    int mask = places.length - 1;
    int place = ((tableRow * 0x9E3779B9) >>> 7) & mask;
    while (places[place] != 0) {
      int instance = places[place] - 1;
      if (tableRows[instance] == tableRow) {
        return instance;
      }
      place = (place + 1) & mask;
    }
    int instance = instances.count();
    instances.count(instance + 1);
    places[place] = instance + 1;
    tableRows[instance] = tableRow;
    rowsOf[instance] = 0;
    return instance;
  }

  private void fillNew(ColumnarBatch rows, int first, int count, FeatureBatch batch) {
    LookedUpRows fresh = new LookedUpRows(Arrays.copyOfRange(tableRows, first, first + count));
    for (int i = 0; i < dense.size(); i++) {
      DenseFiller filler = dense.get(i);
      filler.fill(
          column(rows, filler.ordinal(), fresh),
          0,
          count,
          batch.dense(inputs.dense().get(i)),
          first,
          wrong);
    }
    for (int i = 0; i < sparse.size(); i++) {
      SparseFiller filler = sparse.get(i);
      filler.fill(
          column(rows, filler.ordinal(), fresh),
          0,
          count,
          batch.sparse(inputs.sparse().get(i)),
          first,
          wrong);
    }
  }

  private static ColumnVector column(ColumnarBatch rows, int ordinal, LookedUpRows fresh) {
    return ((LookedUpColumn) rows.column(ordinal)).of(fresh);
  }

  /** Ends a batch: what was counted of an instance counts for each of its rows. */
  void end() {
    dense.forEach(filler -> filler.endInstances(rowsOf));
    sparse.forEach(filler -> filler.endInstances(rowsOf));
  }
}
