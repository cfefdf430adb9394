package io.nightjar.spark.executor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.dictionary.PlainValuesDictionary.PlainFloatDictionary;
import org.apache.parquet.column.values.dictionary.PlainValuesDictionary.PlainIntegerDictionary;
import org.apache.spark.sql.execution.datasources.parquet.ParquetDictionary;
import org.apache.spark.sql.execution.vectorized.OffHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataTypes;

/** Columns as Spark's Parquet reader hands them out: {@value #ROWS} rows, outside the heap. */
final class MadeColumns {
  /** Rows of a batch of the reader's. */
  static final int ROWS = 4096;

  private static final int LONGEST_BAG = 5;

  private final SplittableRandom random;

  MadeColumns(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Counts of which 3 % are null, exponentially distributed. */
  OffHeapColumnVector counts(double mean, boolean dictionary) throws IOException {
    int[] counts = new int[ROWS];
    int most = 0;
    for (int i = 0; i < ROWS; i++) {
      counts[i] = (int) (Math.log(1 - random.nextDouble()) * -mean);
      most = Math.max(most, counts[i]);
    }
    OffHeapColumnVector column = new OffHeapColumnVector(ROWS, DataTypes.FloatType);
    WritableColumnVector codes = dictionary ? column.reserveDictionaryIds(ROWS) : null;
    for (int i = 0; i < ROWS; i++) {
      if (random.nextInt(100) < 3) {
        column.putNull(i);
      } else if (dictionary) {
        codes.putInt(i, counts[i]);
      } else {
        column.putFloat(i, counts[i]);
      }
    }
    if (dictionary) {
      ByteBuffer entries = ByteBuffer.allocate((most + 1) * Float.BYTES);
      entries.order(ByteOrder.LITTLE_ENDIAN);
      for (int count = 0; count <= most; count++) {
        entries.putFloat(count);
      }
      column.setDictionary(
          new ParquetDictionary(new PlainFloatDictionary(page(entries.array())), false));
    }
    return column;
  }

  /** Row ids u³ · {@code below}, none of them null. */
  OffHeapColumnVector ids(int below, boolean dictionary) throws IOException {
    OffHeapColumnVector column = new OffHeapColumnVector(ROWS, DataTypes.IntegerType);
    if (!dictionary) {
      for (int i = 0; i < ROWS; i++) {
        column.putInt(i, id(below));
      }
      return column;
    }
    WritableColumnVector codes = column.reserveDictionaryIds(ROWS);
    ByteBuffer entries = ByteBuffer.allocate(ROWS * Integer.BYTES);
    entries.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < ROWS; i++) {
      entries.putInt(id(below));
      codes.putInt(i, random.nextInt(ROWS));
    }
    column.setDictionary(
        new ParquetDictionary(new PlainIntegerDictionary(page(entries.array())), false));
    return column;
  }

  /** Arrays of one to five such row ids. */
  OffHeapColumnVector bags(int below) {
    OffHeapColumnVector column =
        new OffHeapColumnVector(ROWS, DataTypes.createArrayType(DataTypes.IntegerType, false));
    WritableColumnVector ids = column.arrayData();
    int at = 0;
    for (int row = 0; row < ROWS; row++) {
      int length = random.nextInt(1, LONGEST_BAG + 1);
      ids.reserve(at + length);
      column.putArray(row, at, length);
      for (int i = 0; i < length; i++) {
        ids.putInt(at++, id(below));
      }
    }
    return column;
  }

  /** Numbers of rows. */
  OffHeapColumnVector keys() {
    OffHeapColumnVector column = new OffHeapColumnVector(ROWS, DataTypes.LongType);
    for (int row = 0; row < ROWS; row++) {
      column.putLong(row, row);
    }
    return column;
  }

  private int id(int below) {
    double uniform = random.nextDouble();
    return (int) (uniform * uniform * uniform * below);
  }

  private static DictionaryPage page(byte[] entries) {
    return new DictionaryPage(
        BytesInput.from(entries), entries.length / Integer.BYTES, Encoding.PLAIN);
  }

  /** A batch: 13 columns of floats, 26 of ids, and a key. */
  static List<OffHeapColumnVector> batch(BatchKind kind, long seed) throws IOException {
    MadeColumns made = new MadeColumns(seed);
    List<OffHeapColumnVector> columns = new ArrayList<>();
    for (int i = 1; i <= Filling.DENSE; i++) {
      columns.add(made.counts(40.0 * i, kind != BatchKind.FLAT_OTHER_WAY));
    }
    for (int i = 0; i < Filling.SPARSE; i++) {
      columns.add(
          kind == BatchKind.MULTI_HOT
              ? made.bags(Filling.TABLE_ROWS)
              : made.ids(Filling.TABLE_ROWS, kind == BatchKind.FLAT_OTHER_WAY));
    }
    columns.add(made.keys());
    return columns;
  }
}
