package io.nightjar.spark.bench;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A table whose rows are made of their number: the same number, the same row. */
final class MadeTable implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int FILES = 16;
  private static final int LONGEST_BAG = 5;

  /** Makes one value of a row. */
  interface Value extends Serializable {
    Object of(MadeRow row);
  }

  /**
   * A row in the making.
   *
   * @param id its number
   * @param random its own
   * @param tableRows row ids are below this
   */
  record MadeRow(long id, SplittableRandom random, int tableRows) {

    /** From 0 to 1, exclusive, and small numbers far more often: u³. */
    double skewed() {
      double uniform = random.nextDouble();
      return uniform * uniform * uniform;
    }

    int rowId() {
      return (int) (skewed() * tableRows);
    }
  }

  private final long seed;
  private final List<Value> values = new ArrayList<>();
  private StructType schema;

  private MadeTable(String key) {
    this.schema = new StructType().add(key, DataTypes.LongType, false);
    this.seed = (long) key.hashCode() << 32;
    values.add(MadeRow::id);
  }

  /** A table whose first column is the row's number. */
  static MadeTable of(String key) {
    return new MadeTable(key);
  }

  MadeTable with(String name, DataType type, Value value) {
    schema = schema.add(name, type, true);
    values.add(value);
    return this;
  }

  /** Columns I{@code from} to I{@code to}: counts, the larger the number the larger; 3 % null. */
  MadeTable dense(int from, int to) {
    for (int i = from; i <= to; i++) {
      double scale = -40.0 * i;
      with(
          "I" + i,
          DataTypes.FloatType,
          row -> {
            float count = (float) Math.floor(Math.log(1 - row.random().nextDouble()) * scale);
            return row.random().nextInt(100) < 3 ? null : count;
          });
    }
    return this;
  }

  /** Columns C{@code from} to C{@code to} of one id. */
  MadeTable ids(int from, int to) {
    for (int i = from; i <= to; i++) {
      with("C" + i, DataTypes.IntegerType, MadeRow::rowId);
    }
    return this;
  }

  /** Columns C{@code from} to C{@code to} of one to five ids. */
  MadeTable bags(int from, int to) {
    for (int i = from; i <= to; i++) {
      with(
          "C" + i,
          DataTypes.createArrayType(DataTypes.IntegerType, false),
          row -> {
            int[] ids = new int[row.random().nextInt(1, LONGEST_BAG + 1)];
            for (int at = 0; at < ids.length; at++) {
              ids[at] = row.rowId();
            }
            return UnsafeArrayData.fromPrimitiveArray(ids);
          });
    }
    return this;
  }

  /** Writes rows from 0 on. */
  void write(SparkSession spark, Path path, long rows, int tableRows) {
    JavaRDD<InternalRow> made =
        spark.range(0, rows, 1, FILES).javaRDD().mapPartitions(ids -> new Made(ids, tableRows));
    ((org.apache.spark.sql.classic.SparkSession) spark)
        .internalCreateDataFrame(made.rdd(), schema, false)
        .write()
        .mode(SaveMode.Overwrite)
        .option("compression", "snappy")
        .parquet(path.toString());
  }

  /** The rows of a partition. */
  private final class Made implements Iterator<InternalRow> {
    private final Iterator<Long> ids;
    private final int tableRows;
    private final UnsafeProjection projection = UnsafeProjection.create(schema);
    private final GenericInternalRow row = new GenericInternalRow(values.size());

    Made(Iterator<Long> ids, int tableRows) {
      this.ids = ids;
      this.tableRows = tableRows;
    }

    @Override
    public boolean hasNext() {
      return ids.hasNext();
    }

    @Override
    public InternalRow next() {
      long id = ids.next();
      MadeRow made = new MadeRow(id, new SplittableRandom(seed + id), tableRows);
      for (int i = 0; i < values.size(); i++) {
        row.update(i, values.get(i).of(made));
      }
      return projection.apply(row);
    }
  }
}
