package io.nightjar.spark.executor;

import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Makes row ids of the values of one type: as they are, or by their hash, or leaves hashing to
 * whoever scores. Not thread-safe.
 */
final class RowIds {
  private static final int OUTSIDE = -1;

  /** Values that go through all the steps together, so that they stay in the nearest cache. */
  private static final int BLOCK = 1024;

  private final long hashMod;
  private final long numEmbeddings;
  private final boolean areValues;
  private final Elements elements;
  private final ElementHash hash;
  private final Modulus modulus;
  private final DictionaryColumn dictionary = new DictionaryColumn();
  private final long[] one = new long[1];
  private final long[] values = new long[BLOCK];

  RowIds(SparseInput input, DataType type) {
    this.hashMod = input.hashMod();
    this.numEmbeddings = input.numEmbeddings();
    // With more rows than the table has, a hash may be a bad row, which is to be found here.
    this.areValues =
        hashMod > 0
            && hashMod <= numEmbeddings
            && ElementKind.of(type).filter(ElementKind::fitsAnInt).isPresent();
    this.elements = new Elements(type);
    this.hash = new ElementHash(type);
    this.modulus = new Modulus(Math.max(1, hashMod));
  }

  /** Whether these are no row ids, but values, for whoever scores to hash. */
  boolean areValues() {
    return areValues;
  }

  /** How many rows whoever scores hashes values into; 0 if these are row ids. */
  int hashRows() {
    return areValues ? (int) hashMod : 0;
  }

  /** Values {@code [from, from + count)} of {@code column}. */
  void values(ColumnVector column, int from, int count, int[] out) {
    elements.ints(column, from, count, out);
  }

  /**
   * Row ids of values {@code [from, from + count)} of {@code column}, or the values.
   *
   * @return whether they lie in the table; what stands in place of a null may do so or not
   */
  boolean read(ColumnVector column, int from, int count, long[] out) {
    if (areValues) {
      elements.longs(column, from, count, out);
      return true;
    }
    if (!dictionary.read(column, from, count, row -> ofEntry(column, row), 0, out)) {
      for (int done = 0; done < count; done += BLOCK) {
        block(column, from + done, Math.min(BLOCK, count - done), out, done);
      }
    }
    return inTable(out, count);
  }

  private void block(ColumnVector column, int from, int count, long[] out, int at) {
    if (hashMod > 0) {
      hash.of(column, from, count, values);
      modulus.of(values, count);
    } else {
      elements.longs(column, from, count, values);
    }
    System.arraycopy(values, 0, out, at, count);
  }

  private boolean inTable(long[] ids, int count) {
    if (hashMod > 0 && hashMod <= numEmbeddings) {
      return true;
    }
    long last = numEmbeddings - 1;
    long outside = 0;
    for (int i = 0; i < count; i++) {
      outside |= ids[i] | last - ids[i];
    }
    return outside >= 0;
  }

  private int ofEntry(ColumnVector column, int row) {
    long id;
    if (hashMod > 0) {
      hash.of(column, row, 1, one);
      id = modulus.of(one[0]);
    } else {
      elements.longs(column, row, 1, one);
      id = one[0];
    }
    return id >= 0 && id < numEmbeddings ? (int) id : OUTSIDE;
  }

  /** The row id of one value that is not null; it may lie outside the table. Or the value. */
  long at(SpecializedGetters source, int position) {
    return hashMod > 0 && !areValues
        ? modulus.of(hash.at(source, position))
        : elements.longAt(source, position);
  }

  /** One value for a message. */
  String textAt(SpecializedGetters source, int position) {
    return elements.textAt(source, position);
  }
}
