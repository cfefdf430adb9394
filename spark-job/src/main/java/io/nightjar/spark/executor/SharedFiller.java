package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.spark.lookup.LookedUpRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Fills the features of a key, such as a user's: once for each key in a batch, however many rows
 * have it, and wherever they stand. Of columns it takes runs of rows with the same key at a time,
 * but leaves a batch alone in which keys are nearly as many as rows: whole columns are faster then.
 *
 * <p>Columns that were looked up in a table say by themselves which rows share what, and are left
 * to a {@link LookedUpFiller}.
 *
 * <p>What fillers count goes by rows all the same. An instance that makes its row bad serves that
 * row alone, so that each of them is found to be bad.
 */
final class SharedFiller {
  /** To fill an instance costs about as much as to fill so many rows of whole columns. */
  private static final int ROWS_AN_INSTANCE = 4;

  private final SharedInputs inputs;
  private final int ordinal;
  private final DataType type;
  private final boolean isString;
  private final List<DenseFiller> dense;
  private final List<SparseFiller> sparse;
  private final KeyRuns runs;
  private final KeySample sample;
  private final LookedUpFiller lookedUp;
  private final Map<Object, Integer> known = new HashMap<>();
  private final List<long[]> replaced = new ArrayList<>();
  private final long[] before;
  private int[] same = new int[0];
  // Of the current batch; null where nothing is shared in it.
  private Instances instances;
  private boolean isLookedUp;
  private Object lastKey;
  private int last;

  /**
   * @param key the key's column, of a type that {@link SharedInputs#takes}
   * @param columns those of the key's features
   * @param dense fillers of all dense features
   * @param sparse fillers of all sparse features
   */
  SharedFiller(
      SharedInputs inputs,
      BoundColumn key,
      List<BoundColumn> columns,
      List<DenseFiller> dense,
      List<SparseFiller> sparse) {
    this.inputs = inputs;
    this.ordinal = key.ordinal();
    this.type = key.type();
    this.isString = ElementKind.of(type).orElseThrow() == ElementKind.STRING;
    this.runs = new KeyRuns(type);
    this.sample = new KeySample(key, columns);
    this.dense = inputs.dense().stream().map(dense::get).toList();
    this.sparse = inputs.sparse().stream().map(sparse::get).toList();
    this.lookedUp = new LookedUpFiller(inputs, this.dense, this.sparse);
    this.before = new long[this.dense.size() + 2 * this.sparse.size()];
  }

  /** Begins a batch of rows, in which nothing is shared yet. */
  void begin(FeatureBatch batch) {
    known.clear();
    replaced.clear();
    lastKey = null;
    instances = batch.share(inputs.dense(), inputs.sparse());
    instances.count(0);
  }

  /** Begins a batch whose first rows are some of {@code rows}, which say whether to share. */
  void begin(FeatureBatch batch, ColumnarBatch rows) {
    isLookedUp = lookedUp.rows(rows).isPresent();
    if (isLookedUp) {
      lookedUp.begin(batch);
    } else if (repeats(rows)) {
      begin(batch);
    } else {
      instances = null;
    }
  }

  /** Ends a batch, of which everything is filled in. */
  void end() {
    if (isLookedUp) {
      lookedUp.end();
    }
  }

  private boolean repeats(ColumnarBatch rows) {
    int most = rows.numRows() / ROWS_AN_INSTANCE;
    int count = runs.find(rows.column(ordinal), 0, rows.numRows());
    if (count <= most) {
      return true;
    }
    HashSet<Object> keys = new HashSet<>();
    for (int run = 0; run < count && keys.size() <= most; run++) {
      keys.add(stored(key(rows.getRow(runs.end(run) - 1))));
    }
    return keys.size() <= most;
  }

  /** Fills row {@code at} of the batch. */
  void fill(InternalRow row, FeatureBatch batch, int at, BadRowMarks marks) {
    fill(row, 1, batch, at, marks);
  }

  /**
   * Rows {@code [from, from + count)} of {@code rows} are those from {@code at} on in the batch;
   * they are left alone where nothing is shared in it.
   */
  void fill(
      ColumnarBatch rows, int from, int count, FeatureBatch batch, int at, BadRowMarks marks) {
    if (isLookedUp) {
      LookedUpRows found = lookedUp.rows(rows).orElseThrow();
      lookedUp.fill(rows, found, from, count, batch, at, marks);
      return;
    }
    if (instances == null) {
      return;
    }
    int found = runs.find(rows.column(ordinal), from, count);
    int row = 0;
    for (int run = 0; run < found; run++) {
      while (row < runs.end(run)) {
        row += fill(rows.getRow(from + row), runs.end(run) - row, batch, at + row, marks);
      }
    }
  }

  /**
   * Fills some of {@code count} rows from {@code at} on, which have the key of {@code row}, the
   * first of them.
   *
   * @return how many: all where the instance is there already, else the first
   */
  private int fill(InternalRow row, int count, FeatureBatch batch, int at, BadRowMarks marks) {
    Object key = key(row);
    if (key == null || !key.equals(lastKey)) {
      Integer instance = key == null ? null : known.get(key);
      if (instance == null) {
        add(row, key, batch, at, marks);
        return 1;
      }
      lastKey = stored(key);
      last = instance;
    }
    if (last == 0) {
      sample.compare(row);
    }
    if (same.length < count) {
      same = new int[count];
    }
    Arrays.fill(same, 0, count, last);
    instances.ofRows().put(at, same, 0, count);
    countAgain(replaced.get(last), count);
    return count;
  }

  /** Fills an instance of its own for a row, which later rows share unless it is bad. */
  private void add(InternalRow row, Object key, FeatureBatch batch, int at, BadRowMarks marks) {
    int instance = instances.count();
    instances.count(instance + 1);
    instances.ofRows().put(at, instance);
    count(before);
    for (int i = 0; i < dense.size(); i++) {
      dense.get(i).fill(row, batch.dense(inputs.dense().get(i)), instance, at, marks);
    }
    for (int i = 0; i < sparse.size(); i++) {
      sparse.get(i).fill(row, batch.sparse(inputs.sparse().get(i)), instance, at, marks);
    }
    replaced.add(since(before));
    if (key != null && !marks.isBad(at)) {
      lastKey = stored(key);
      last = instance;
      if (instance == 0) {
        sample.keep(row);
      }
      known.put(lastKey, instance);
    }
  }

  private Object key(InternalRow row) {
    return row.isNullAt(ordinal) ? null : row.get(ordinal, type);
  }

  /** A string points into its row or column, which is overwritten by the next one. */
  private Object stored(Object key) {
    return isString && key != null ? ((UTF8String) key).copy() : key;
  }

  /** What the fillers have counted until now. */
  private void count(long[] counts) {
    int at = 0;
    for (DenseFiller filler : dense) {
      counts[at++] = filler.replacedNulls();
    }
    for (SparseFiller filler : sparse) {
      counts[at++] = filler.replacedIds();
      counts[at++] = filler.leftOutIds();
    }
  }

  /** What they have counted since, or an empty array if nothing. */
  private long[] since(long[] then) {
    long[] counts = new long[then.length];
    count(counts);
    if (Arrays.equals(counts, then)) {
      return new long[0];
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] -= then[i];
    }
    return counts;
  }

  private void countAgain(long[] counts, int rows) {
    if (counts.length == 0) {
      return;
    }
    int at = 0;
    for (DenseFiller filler : dense) {
      filler.countAgain(rows * counts[at++]);
    }
    for (SparseFiller filler : sparse) {
      filler.countAgain(rows * counts[at++], rows * counts[at++]);
    }
  }
}
