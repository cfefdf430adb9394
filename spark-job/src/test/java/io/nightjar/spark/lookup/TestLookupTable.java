package io.nightjar.spark.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.LocalSpark;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TestLookupTable {
  private static final long[] AT_THE_ENDS = {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1, 1L << 32};

  /** Rows are compressed as the running Spark does it. */
  @BeforeAll
  static void start() {
    LocalSpark.session();
  }

  /** A table of keys, and of their places as values; sent in parts of any size, none too. */
  private static LookupTable table(DataType type, List<?> keys, int... parts) {
    StructType columns = new StructType().add("key", type).add("place", DataTypes.IntegerType);
    TableSchema schema = new TableSchema("users", 0, columns);
    List<InternalRow> rows =
        IntStream.range(0, keys.size())
            .<InternalRow>mapToObj(i -> new GenericInternalRow(new Object[] {keys.get(i), i}))
            .toList();
    int[] cuts = IntStream.concat(Arrays.stream(parts), IntStream.of(rows.size())).toArray();
    List<byte[]> sent =
        IntStream.range(0, cuts.length)
            .mapToObj(i -> rows.subList(i == 0 ? 0 : cuts[i - 1], cuts[i]))
            .map(part -> SentTable.part(part.iterator(), schema)._1())
            .toList();
    return new SentTable(sent).table(schema);
  }

  private static List<Integer> places(LookupTable table, OnHeapColumnVector keys, int count) {
    LookedUpColumn found = table.columns(table.find(keys, count))[1];
    return IntStream.range(0, count)
        .mapToObj(i -> found.isNullAt(i) ? null : (Integer) found.getInt(i))
        .toList();
  }

  private static OnHeapColumnVector column(DataType type, List<?> keys) {
    OnHeapColumnVector column = new OnHeapColumnVector(Math.max(1, keys.size()), type);
    for (Object key : keys) {
      if (key == null) {
        column.appendNull();
      } else if (key instanceof Long number) {
        column.appendLong(number);
      } else if (key instanceof Integer number) {
        column.appendInt(number);
      } else {
        byte[] bytes = ((UTF8String) key).getBytes();
        column.appendByteArray(bytes, 0, bytes.length);
      }
    }
    return column;
  }

  private static List<Long> longs(long... keys) {
    return LongStream.of(keys).boxed().toList();
  }

  @Test
  void denseKeysFromAnywhere() {
    for (long least : new long[] {-3, 0, Long.MIN_VALUE, Long.MAX_VALUE - 9}) {
      LookupTable table = table(DataTypes.LongType, longs(least + 4, least, least + 9), 0, 1, 1);

      List<Long> wanted =
          longs(least, least + 1, least + 4, least + 4, least + 9, least - 1, least + 10, 77);
      assertThat(places(table, column(DataTypes.LongType, wanted), wanted.size()))
          .containsExactly(1, null, 0, 0, 2, null, null, null);
    }
  }

  @Test
  void keysFarApart() {
    LookupTable table = table(DataTypes.LongType, longs(AT_THE_ENDS), 2);

    List<Long> wanted = longs(-1, 0, 1, Long.MAX_VALUE, 1L << 32, Long.MIN_VALUE, 1L << 33, 0);
    assertThat(places(table, column(DataTypes.LongType, wanted), wanted.size()))
        .containsExactly(3, 2, null, 1, 4, 0, null, 2);
    assertThat(places(table, column(DataTypes.IntegerType, List.of(0, -1, -2)), 3))
        .containsExactly(2, 3, null);
  }

  @Test
  void everyKeyOfManyIsFound() {
    List<Long> keys = LongStream.range(0, 5000).map(i -> i * i * 31 - 7).boxed().toList();
    LookupTable table = table(DataTypes.LongType, keys, 1000, 4999);

    assertThat(places(table, column(DataTypes.LongType, keys), keys.size()))
        .isEqualTo(IntStream.range(0, 5000).boxed().toList());
  }

  @Test
  void nullIsNoKey() {
    LookupTable table = table(DataTypes.LongType, longs(0, 5));

    assertThat(places(table, column(DataTypes.LongType, Arrays.asList(null, 5L, 0L, null)), 4))
        .containsExactly(null, 1, 0, null);
  }

  @Test
  void anEmptyTableHasNothing() {
    assertThat(
            places(
                table(DataTypes.LongType, List.of()),
                column(DataTypes.LongType, longs(AT_THE_ENDS)),
                AT_THE_ENDS.length))
        .containsOnlyNulls();
  }

  @Test
  void strings() {
    List<UTF8String> keys =
        IntStream.range(0, 300).mapToObj(i -> UTF8String.fromString("user " + i)).toList();
    LookupTable table = table(DataTypes.StringType, keys, 7);
    OnHeapColumnVector wanted =
        column(
            DataTypes.StringType,
            Arrays.asList(keys.get(299), keys.get(299), null, UTF8String.EMPTY_UTF8, keys.get(0)));

    assertThat(places(table, wanted, 5)).containsExactly(299, 299, null, null, 0);
  }

  @Test
  void aTableIsMadeOnce() {
    StructType columns = new StructType().add("key", DataTypes.LongType);
    TableSchema schema = new TableSchema("users", 0, columns);
    List<InternalRow> rows = List.of(new GenericInternalRow(new Object[] {7L}));
    SentTable sent = new SentTable(List.of(SentTable.part(rows.iterator(), schema)._1()));

    assertThat(sent.table(schema)).isSameAs(sent.table(schema));
    assertThat(sent.rows()).isEqualTo(1);
  }
}
