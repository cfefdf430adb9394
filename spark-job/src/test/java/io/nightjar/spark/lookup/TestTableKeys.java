package io.nightjar.spark.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.LocalSpark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TestTableKeys {
  /** Rows are compressed as the running Spark does it. */
  @BeforeAll
  static void start() {
    LocalSpark.session();
  }

  /** What tasks say of a table whose key is its second column; each list is a partition. */
  private static boolean areUnique(DataType type, List<?>... parts) {
    StructType columns = new StructType().add("place", DataTypes.IntegerType).add("key", type);
    TableSchema schema = new TableSchema("users", 1, columns);
    List<long[]> numbers = new ArrayList<>();
    for (List<?> part : parts) {
      List<InternalRow> rows = new ArrayList<>();
      part.forEach(key -> rows.add(new GenericInternalRow(new Object[] {7, key})));
      numbers.add(SentTable.part(rows.iterator(), schema)._2());
    }
    return TableKeys.areUnique(numbers, Stream.of(parts).mapToLong(List::size).sum());
  }

  static List<Arguments> keys() {
    return List.of(
        Arguments.of(DataTypes.ByteType, List.<Object>of((byte) 0, (byte) -128, (byte) 127)),
        Arguments.of(DataTypes.ShortType, List.<Object>of((short) 0, Short.MIN_VALUE, (short) -1)),
        Arguments.of(
            DataTypes.IntegerType, List.<Object>of(Integer.MAX_VALUE, 0, Integer.MIN_VALUE)),
        Arguments.of(
            DataTypes.LongType, List.<Object>of(1L << 32, 0L, Long.MIN_VALUE, Long.MAX_VALUE)),
        Arguments.of(
            DataTypes.StringType,
            List.<Object>of(text(""), text("user"), text("USER"), text("user "), text("ü"))));
  }

  private static UTF8String text(String text) {
    return UTF8String.fromString(text);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void keysThatAreThereOnce(DataType type, List<Object> keys) {
    assertThat(areUnique(type, keys)).isTrue();
    assertThat(areUnique(type, keys.subList(0, 1), List.of(), keys.subList(1, keys.size())))
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("keys")
  void aKeyThatIsThereTwice(DataType type, List<Object> keys) {
    for (Object key : keys) {
      List<Object> one = new ArrayList<>(keys);
      one.add(key);

      assertThat(areUnique(type, one)).as("%s in one part", key).isFalse();
      assertThat(areUnique(type, keys, List.of(key))).as("%s in two parts", key).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void aKeyThatIsNull(DataType type, List<Object> keys) {
    List<Object> one = new ArrayList<>(keys);
    one.add(1, null);

    assertThat(areUnique(type, one)).isFalse();
    assertThat(areUnique(type, keys, Arrays.asList((Object) null))).isFalse();
  }

  @Test
  void aTableWithoutRows() {
    assertThat(areUnique(DataTypes.LongType)).isTrue();
    assertThat(areUnique(DataTypes.StringType, List.of(), List.of())).isTrue();
  }

  @Test
  void manyStrings() {
    List<UTF8String> keys = IntStream.range(0, 20_000).mapToObj(i -> text("user " + i)).toList();

    assertThat(areUnique(DataTypes.StringType, keys)).isTrue();
    assertThat(areUnique(DataTypes.StringType, keys, keys.subList(19_999, 20_000))).isFalse();
  }
}
