package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.batch.Instances;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.Transform;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class TestSharedFiller {
  private final DenseFiller dense =
      new DenseFiller(
          new DenseInput("d", "d", true, 0.5, Transform.NONE),
          new BoundColumn("d", 1, DataTypes.FloatType));
  private final SparseFiller sparse =
      new SparseFiller(
          new SparseInput("s", "s", "t", 100, 0, new OutOfRange.BadRow()),
          new BoundColumn("s", 2, DataTypes.IntegerType));
  private final FeatureBatch batch = new FeatureBatch(1, new int[] {100}, 8, HostMemory.PLAIN);
  private final BadRowMarks marks = new BadRowMarks(8, false);

  private SharedFiller filler(DataType key) {
    return new SharedFiller(
        new SharedInputs("k", List.of(0), List.of(0)),
        new BoundColumn("k", 0, key),
        List.of(dense),
        List.of(sparse));
  }

  private static InternalRow row(Object key, Float value, Integer id) {
    return new GenericInternalRow(new Object[] {key, value, id});
  }

  private Instances fill(SharedFiller filler, InternalRow... rows) {
    batch.shareNothing();
    filler.begin(batch);
    for (int at = 0; at < rows.length; at++) {
      filler.fill(rows[at], batch, at, marks);
    }
    return batch.sparse(0).instances();
  }

  private static List<Integer> instances(Instances instances, int rows) {
    return IntStream.range(0, rows).mapToObj(instances::of).toList();
  }

  @Test
  void aKeyIsFilledOnceABatch() {
    SharedFiller filler = filler(DataTypes.LongType);
    InternalRow seven = row(7L, 1f, 10);
    InternalRow eight = row(8L, null, null);
    Instances instances = fill(filler, seven, seven, eight, seven, eight);
    assertThat(instances.count()).isEqualTo(2);
    assertThat(batch.denseInstances(0)).isSameAs(instances);
    assertThat(instances(instances, 5)).containsExactly(0, 0, 1, 0, 1);
    assertThat(batch.dense(0).get(0)).isEqualTo(1);
    assertThat(batch.dense(0).get(1)).isEqualTo(0.5f);
    assertThat(batch.sparse(0).ids().get(0)).isEqualTo(10);
    assertThat(batch.sparse(0).begin(1)).isEqualTo(1);
    assertThat(batch.sparse(0).begin(2)).isEqualTo(1);
    assertThat(dense.replacedNulls()).isEqualTo(2); // of two rows, though filled once

    Instances next = fill(filler, eight, seven);
    assertThat(instances(next, 2)).containsExactly(0, 1);
    assertThat(batch.dense(0).get(0)).isEqualTo(0.5f);
    assertThat(dense.replacedNulls()).isEqualTo(3);
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
  void rowsWithoutAKeyAndBadRowsAreAlone() {
    InternalRow none = row(null, 1f, 1);
    InternalRow bad = row(9, 1f, 100);
    Instances instances = fill(filler(DataTypes.IntegerType), none, bad, none, bad, row(4, 1f, 2));
    assertThat(instances(instances, 5)).containsExactly(0, 1, 2, 3, 4);
    assertThat(marks.count()).isEqualTo(2);
    assertThat(marks.isBad(1)).isTrue();
    assertThat(marks.isBad(3)).isTrue();
  }

  @Test
  void keysAreIntegersAndStrings() {
    assertThat(SharedFiller.takes(DataTypes.ShortType)).isTrue();
    assertThat(SharedFiller.takes(DataTypes.StringType)).isTrue();
    assertThat(SharedFiller.takes(DataTypes.DoubleType)).isFalse();
    assertThat(SharedFiller.takes(DataTypes.DateType)).isFalse();
  }
}
