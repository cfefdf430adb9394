package io.nightjar.spark.lookup;

import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * A column of a table, as rows see it that were looked up there: a row number each in place of a
 * value. Whoever reads it sees values; who knows it can do what belongs to a row of the table once,
 * however many rows have it. Null where the table has no row. It owns nothing.
 */
public final class LookedUpColumn extends ColumnVector {
  private final OnHeapColumnVector values;
  private final LookedUpRows rows;

  /**
   * @param values the table's column
   * @param rows where they lie there
   */
  LookedUpColumn(OnHeapColumnVector values, LookedUpRows rows) {
    super(values.dataType());
    this.values = values;
    this.rows = rows;
  }

  /** Which rows of the table these are. */
  public LookedUpRows rows() {
    return rows;
  }

  /** The same column of the table, of other rows. */
  public LookedUpColumn of(LookedUpRows others) {
    return new LookedUpColumn(values, others);
  }

  @Override
  public boolean hasNull() {
    return rows.anyAbsent() || values.hasNull();
  }

  /** At most so many: the rows are not counted. */
  @Override
  public int numNulls() {
    return hasNull() ? Integer.MAX_VALUE : 0;
  }

  @Override
  public boolean isNullAt(int row) {
    int at = rows.of(row);
    return at < 0 || values.isNullAt(at);
  }

  @Override
  public boolean getBoolean(int row) {
    return values.getBoolean(rows.of(row));
  }

  @Override
  public byte getByte(int row) {
    return values.getByte(rows.of(row));
  }

  @Override
  public short getShort(int row) {
    return values.getShort(rows.of(row));
  }

  @Override
  public int getInt(int row) {
    return values.getInt(rows.of(row));
  }

  @Override
  public long getLong(int row) {
    return values.getLong(rows.of(row));
  }

  @Override
  public float getFloat(int row) {
    return values.getFloat(rows.of(row));
  }

  @Override
  public double getDouble(int row) {
    return values.getDouble(rows.of(row));
  }

  /** As Spark's own vectors do it, with anything in place of a null. */
  @Override
  public int[] getInts(int from, int count) {
    int[] ints = new int[count];
    for (int i = 0; i < count; i++) {
      int at = rows.of(from + i);
      ints[i] = at < 0 ? 0 : values.getInt(at);
    }
    return ints;
  }

  /** As Spark's own vectors do it, with anything in place of a null. */
  @Override
  public long[] getLongs(int from, int count) {
    long[] longs = new long[count];
    for (int i = 0; i < count; i++) {
      int at = rows.of(from + i);
      longs[i] = at < 0 ? 0 : values.getLong(at);
    }
    return longs;
  }

  /** As Spark's own vectors do it, with anything in place of a null. */
  @Override
  public float[] getFloats(int from, int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      int at = rows.of(from + i);
      floats[i] = at < 0 ? 0 : values.getFloat(at);
    }
    return floats;
  }

  /** As Spark's own vectors do it, with anything in place of a null. */
  @Override
  public double[] getDoubles(int from, int count) {
    double[] doubles = new double[count];
    for (int i = 0; i < count; i++) {
      int at = rows.of(from + i);
      doubles[i] = at < 0 ? 0 : values.getDouble(at);
    }
    return doubles;
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return isNullAt(row) ? null : values.getDecimal(rows.of(row), precision, scale);
  }

  @Override
  public UTF8String getUTF8String(int row) {
    return isNullAt(row) ? null : values.getUTF8String(rows.of(row));
  }

  @Override
  public byte[] getBinary(int row) {
    return isNullAt(row) ? null : values.getBinary(rows.of(row));
  }

  @Override
  public ColumnarArray getArray(int row) {
    return isNullAt(row) ? null : values.getArray(rows.of(row));
  }

  @Override
  public ColumnarMap getMap(int row) {
    return isNullAt(row) ? null : values.getMap(rows.of(row));
  }

  /** A field of a struct is looked up as the struct is; elements lie where their array says. */
  @Override
  public ColumnVector getChild(int ordinal) {
    OnHeapColumnVector child = (OnHeapColumnVector) values.getChild(ordinal);
    return type instanceof ArrayType || type instanceof MapType
        ? child
        : new LookedUpColumn(child, rows);
  }

  @Override
  public void close() {}
}
