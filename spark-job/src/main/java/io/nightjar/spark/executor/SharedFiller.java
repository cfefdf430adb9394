package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Fills the features of a key, such as a user's, out of rows: once for each key in a batch, however
 * many rows have it, and wherever they stand.
 *
 * <p>What fillers count goes by rows all the same. An instance that makes its row bad serves that
 * row alone, so that each of them is found to be bad.
 */
final class SharedFiller {
  private final SharedInputs inputs;
  private final int ordinal;
  private final DataType type;
  private final boolean isString;
  private final List<DenseFiller> dense;
  private final List<SparseFiller> sparse;
  private final Map<Object, Integer> known = new HashMap<>();
  private final List<long[]> replaced = new ArrayList<>();
  private final long[] before;
  private Instances instances;
  private Object lastKey;
  private int last;

  /**
   * @param key the key's column, of a type that {@link #takes}
   * @param dense fillers of all dense features
   * @param sparse fillers of all sparse features
   */
  SharedFiller(
      SharedInputs inputs, BoundColumn key, List<DenseFiller> dense, List<SparseFiller> sparse) {
    this.inputs = inputs;
    this.ordinal = key.ordinal();
    this.type = key.type();
    this.isString = ElementKind.of(type).orElseThrow() == ElementKind.STRING;
    this.dense = inputs.dense().stream().map(dense::get).toList();
    this.sparse = inputs.sparse().stream().map(sparse::get).toList();
    this.before = new long[this.dense.size() + 2 * this.sparse.size()];
  }

  /** Whether keys can be of this type: integers and strings. */
  static boolean takes(DataType type) {
    return ElementKind.of(type)
        .filter(kind -> kind == ElementKind.STRING || kind.isRowId())
        .isPresent();
  }

  /** Begins a batch, in which nothing is shared yet. */
  void begin(FeatureBatch batch) {
    known.clear();
    replaced.clear();
    lastKey = null;
    instances = batch.share(inputs.dense(), inputs.sparse());
    instances.count(0);
  }

  /** Fills row {@code at} of the batch. */
  void fill(InternalRow row, FeatureBatch batch, int at, BadRowMarks marks) {
    Object key = row.get(ordinal, type);
    if (key == null || !key.equals(lastKey)) {
      Integer instance = key == null ? null : known.get(key);
      if (instance == null) {
        add(row, key, batch, at, marks);
        return;
      }
      lastKey = key(key);
      last = instance;
    }
    instances.ofRows().put(at, last);
    countAgain(replaced.get(last));
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
      lastKey = key(key);
      last = instance;
      known.put(lastKey, instance);
    }
  }

  /** A string of a row points into the row, which is overwritten by the next one. */
  private Object key(Object ofRow) {
    return isString ? ((UTF8String) ofRow).copy() : ofRow;
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

  private void countAgain(long[] counts) {
    if (counts.length == 0) {
      return;
    }
    int at = 0;
    for (DenseFiller filler : dense) {
      filler.countAgain(counts[at++]);
    }
    for (SparseFiller filler : sparse) {
      filler.countAgain(counts[at++], counts[at++]);
    }
  }
}
