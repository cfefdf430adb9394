package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.batch.Instances;
import io.nightjar.batch.Transform;
import io.nightjar.spark.spec.OutOfRange;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSharedFiller {
  private static final int CAPACITY = 64;

  private final DenseFiller dense =
      new DenseFiller(
          new DenseInput("d", "d", true, 0.5, Transform.NONE),
          new BoundColumn("d", 1, DataTypes.FloatType));
  private final SparseFiller sparse =
      new SparseFiller(
          new SparseInput("s", "s", "t", 100, 0, new OutOfRange.BadRow()),
          new BoundColumn("s", 2, DataTypes.IntegerType));
  private final FeatureBatch batch =
      new FeatureBatch(1, new int[] {100}, CAPACITY, HostMemory.PLAIN);
  private final BadRowMarks marks = new BadRowMarks(CAPACITY, false);

  private SharedFiller filler(DataType key) {
    return new SharedFiller(
        new SharedInputs("k", List.of(0), List.of(0)),
        new BoundColumn("k", 0, key),
        List.of(
            new BoundColumn("d", 1, DataTypes.FloatType),
            new BoundColumn("s", 2, DataTypes.IntegerType)),
        List.of(dense),
        List.of(sparse));
  }

  private static InternalRow row(Object key, Float value, Integer id) {
    return new GenericInternalRow(new Object[] {key, value, id});
  }

  /** Fills one batch, all rows of one key type, one by one or as columns in two parts. */
  private Instances fill(SharedFiller filler, boolean columnar, List<InternalRow> rows) {
    batch.shareNothing();
    if (columnar) {
      ColumnarBatch columns = columns(rows);
      filler.begin(batch, columns);
      int half = rows.size() / 2;
      filler.fill(columns, 0, half, batch, 0, marks);
      filler.fill(columns, half, rows.size() - half, batch, half, marks);
    } else {
      filler.begin(batch);
      for (int at = 0; at < rows.size(); at++) {
        filler.fill(rows.get(at), batch, at, marks);
      }
    }
    return batch.sparse(0).instances();
  }

  private static ColumnarBatch columns(List<InternalRow> rows) {
    Object key = ((GenericInternalRow) rows.get(rows.size() - 1)).values()[0];
    DataType type =
        key instanceof Long
            ? DataTypes.LongType
            : key instanceof Integer ? DataTypes.IntegerType : DataTypes.StringType;
    WritableColumnVector[] columns = {
      new OnHeapColumnVector(rows.size(), type),
      new OnHeapColumnVector(rows.size(), DataTypes.FloatType),
      new OnHeapColumnVector(rows.size(), DataTypes.IntegerType)
    };
    for (InternalRow row : rows) {
      for (int i = 0; i < columns.length; i++) {
        append(columns[i], ((GenericInternalRow) row).values()[i]);
      }
    }
    return new ColumnarBatch(columns, rows.size());
  }

  private static void append(WritableColumnVector column, Object value) {
    if (value == null) {
      column.appendNull();
    } else if (value instanceof Long number) {
      column.appendLong(number);
    } else if (value instanceof Integer number) {
      column.appendInt(number);
    } else if (value instanceof Float number) {
      column.appendFloat(number);
    } else {
      byte[] bytes = ((UTF8String) value).getBytes();
      column.appendByteArray(bytes, 0, bytes.length);
    }
  }

  private static List<Integer> instances(Instances instances, int rows) {
    return IntStream.range(0, rows).mapToObj(instances::of).toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aKeyIsFilledOnceABatch(boolean columnar) {
    SharedFiller filler = filler(DataTypes.LongType);
    InternalRow seven = row(7L, 1f, 10);
    InternalRow eight = row(8L, null, null);
    List<InternalRow> rows =
        List.of(seven, seven, eight, eight, eight, seven, eight, eight, eight, eight);
    Instances instances = fill(filler, columnar, rows);
    assertThat(instances.count()).isEqualTo(2);
    assertThat(batch.denseInstances(0)).isSameAs(instances);
    assertThat(instances(instances, 10)).containsExactly(0, 0, 1, 1, 1, 0, 1, 1, 1, 1);
    assertThat(batch.dense(0).get(0)).isEqualTo(1);
    assertThat(batch.dense(0).get(1)).isEqualTo(0.5f);
    assertThat(batch.sparse(0).ids().get(0)).isEqualTo(10);
    assertThat(batch.sparse(0).begin(1)).isEqualTo(1);
    assertThat(batch.sparse(0).begin(2)).isEqualTo(1);
    assertThat(dense.replacedNulls()).isEqualTo(7); // of seven rows, though filled once

    Instances next = fill(filler, columnar, Collections.nCopies(4, eight));
    assertThat(instances(next, 4)).containsExactly(0, 0, 0, 0);
    assertThat(batch.dense(0).get(0)).isEqualTo(0.5f);
    assertThat(dense.replacedNulls()).isEqualTo(11);
  }

  /** The text of a row is overwritten by the next one. */
  @Test
  void stringsAreKept() {
    byte[] bytes = {'a'};
    UTF8String text = UTF8String.fromBytes(bytes);
    SharedFiller filler = filler(DataTypes.StringType);
    batch.shareNothing();
    filler.begin(batch);
    for (int at = 0; at < 6; at++) {
      bytes[0] = (byte) "aabbab".charAt(at);
      filler.fill(row(text, 1f, 1), batch, at, marks);
    }
    assertThat(instances(batch.sparse(0).instances(), 6)).containsExactly(0, 0, 1, 1, 0, 1);
  }

  @Test
  void stringsOfAColumn() {
    List<InternalRow> rows =
        "aabbabbbbbb"
            .chars()
            .mapToObj(c -> row(UTF8String.fromString(Character.toString(c)), 1f, 1))
            .toList();
    Instances instances = fill(filler(DataTypes.StringType), true, rows);
    assertThat(instances(instances, 11)).containsExactly(0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsWithoutAKeyAndBadRowsAreAlone(boolean columnar) {
    InternalRow none = row(null, 1f, 1);
    InternalRow bad = row(9, 1f, 100);
    InternalRow good = row(4, 1f, 2);
    Instances instances =
        fill(
            filler(DataTypes.IntegerType),
            columnar,
            List.of(
                none, none, bad, bad, bad, none, good, good, good, good, good, good, good, good));
    assertThat(instances(instances, 14)).containsExactly(0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6);
    assertThat(marks.count()).isEqualTo(3);
    assertThat(IntStream.range(0, 14).filter(marks::isBad)).containsExactly(2, 3, 4);
  }

  /** Not all rows are looked at; two of a batch are. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aKeyThatDoesNotDecideTheValuesIsFound(boolean columnar) {
    List<InternalRow> ids = IntStream.range(0, 8).mapToObj(i -> row(7, 1f, i)).toList();
    List<InternalRow> values = IntStream.range(0, 8).mapToObj(i -> row(7, i / 2f, 1)).toList();

    assertThatThrownBy(() -> fill(filler(DataTypes.IntegerType), columnar, ids))
        .isInstanceOf(BadRowException.class)
        .hasMessage("Invalid key k of column s: rows with k=7 have 0 and 1, expected one value");
    assertThatThrownBy(() -> fill(filler(DataTypes.IntegerType), columnar, values))
        .isInstanceOf(BadRowException.class)
        .hasMessage(
            "Invalid key k of column d: rows with k=7 have 0.0 and 0.5, expected one value");
  }

  /**
   * Columns with nearly as many keys as rows are filled whole, and rows of later parts with them.
   */
  @Test
  void columnsOfManyKeysAreLeftAlone() {
    List<InternalRow> few = IntStream.range(0, 16).mapToObj(i -> row(i % 4, 1f, 1)).toList();
    List<InternalRow> many = IntStream.range(0, 16).mapToObj(i -> row(i % 5, 1f, 1)).toList();
    SharedFiller filler = filler(DataTypes.IntegerType);

    assertThat(fill(filler, true, many).areRows()).isTrue();
    assertThat(batch.denseInstances(0).areRows()).isTrue();
    assertThat(instances(fill(filler, true, few), 6)).containsExactly(0, 1, 2, 3, 0, 1);
    assertThat(fill(filler, true, many).areRows()).isTrue();
  }

  @Test
  void keysAreIntegersAndStrings() {
    assertThat(SharedInputs.takes(DataTypes.ShortType)).isTrue();
    assertThat(SharedInputs.takes(DataTypes.StringType)).isTrue();
    assertThat(SharedInputs.takes(DataTypes.DoubleType)).isFalse();
    assertThat(SharedInputs.takes(DataTypes.DateType)).isFalse();
  }
}
