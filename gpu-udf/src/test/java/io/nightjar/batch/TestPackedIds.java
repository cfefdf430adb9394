package io.nightjar.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestPackedIds {

  /** All ones must be left over: it says that there is no id. */
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "255, 1",
    "256, 2",
    "65535, 2",
    "65536, 3",
    "16777215, 3",
    "16777216, 4",
    "2147483647, 4"
  })
  void bytesAnId(int limit, int bytes) {
    assertThat(PackedIds.idBytes(limit)).isEqualTo(bytes);
    try (PackedIds ids = new PackedIds(limit, 7, HostMemory.PLAIN)) {
      assertThat(ids.idBytes()).isEqualTo(bytes);
      assertThat(ids.capacity()).isEqualTo(7);
      assertThat(ids.bytes().capacity()).isEqualTo(7 * 4); // values fit, too
      ids.put(6, limit - 1);
      assertThat(ids.get(6)).isEqualTo(limit - 1);
    }
  }

  @Property
  void idsComeBackAsTheyWent(
      @ForAll @IntRange(min = 1) int limit, @ForAll @IntRange(max = 3000) int count) {
    try (PackedIds ids = new PackedIds(limit, count + 4, HostMemory.PLAIN)) {
      int[] expected = IntStream.range(0, count).map(i -> (int) (i * 7919L % limit)).toArray();
      ids.put(2, expected, 0, count);
      assertThat(IntStream.range(2, count + 2).map(ids::get).toArray()).isEqualTo(expected);
      ids.put(1, IntStream.of(expected).asLongStream().toArray(), 0, count);
      assertThat(IntStream.range(1, count + 1).map(ids::get).toArray()).isEqualTo(expected);
    }
  }

  /** Not only one by one: the bytes are what a device is sent. */
  @Test
  void littleEndian() {
    try (PackedIds ids = new PackedIds(1 << 20, 2, HostMemory.PLAIN)) {
      ids.put(0, 0x0a0b0c);
      ids.put(1, new int[] {9, 0x010203}, 1, 1);
      byte[] bytes = new byte[6];
      ids.bytes().get(0, bytes);
      assertThat(bytes).containsExactly(0x0c, 0x0b, 0x0a, 3, 2, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 60_000, 16_000_000})
  void whatDoesNotFitIsNoId(int limit) {
    try (PackedIds ids = new PackedIds(limit, 8, HostMemory.PLAIN)) {
      int past = 1 << (8 * ids.idBytes());
      int[] bad = {-1, past, past - 1, Integer.MIN_VALUE, Integer.MAX_VALUE};
      ids.put(0, bad, 0, bad.length);
      ids.put(5, past + 1);
      for (int i = 0; i < 6; i++) {
        assertThat(ids.get(i)).isEqualTo(-1);
      }
    }
  }

  /** Ids are packed many at a time; one that does not fit must not touch its neighbours. */
  @ParameterizedTest
  @CsvSource({
    "200, 256",
    "60000, 65536",
    "16000000, 16777216",
    "2000000000, 2147483648",
    "200, -1",
    "60000, -1",
    "16000000, -9223372036854775808",
    "2000000000, -9223372036854775808"
  })
  void oneAmongManyDoesNotFit(int limit, long bad) {
    try (PackedIds ids = new PackedIds(limit, 50, HostMemory.PLAIN)) {
      for (int at = 0; at < 40; at++) {
        long[] values = LongStream.range(100, 140).toArray();
        values[at] = bad;
        ids.put(3, values, 0, values.length);
        for (int i = 0; i < values.length; i++) {
          assertThat(ids.get(3 + i)).isEqualTo(i == at ? -1 : 100 + i);
        }
      }
    }
  }

  /** Of four bytes nothing is lost, so that what was wrong can be said. */
  @Test
  void fourBytesKeepWhatWasPut() {
    try (PackedIds ids = new PackedIds(2_000_000_000, 20, HostMemory.PLAIN)) {
      int[] values = IntStream.rangeClosed(-10, 9).toArray();
      ids.put(0, values, 0, values.length);
      assertThat(IntStream.range(0, 20).map(ids::get).toArray()).isEqualTo(values);
    }
  }

  /** Whatever is put is a value, and what comes back its hash. */
  @Property
  void valuesAreHashed(
      @ForAll @Size(max = 3000) int[] values, @ForAll @IntRange(min = 1, max = 90_000) int rows) {
    int[] expected = IntStream.of(values).map(value -> IntegerHash.rowId(value, rows)).toArray();
    try (PackedIds ids = new PackedIds(90_000, values.length + 2, HostMemory.PLAIN)) {
      ids.hash(rows);
      assertThat(ids.hashMod()).isEqualTo(rows);
      assertThat(ids.idBytes()).isEqualTo(4);
      assertThat(ids.capacity()).isGreaterThanOrEqualTo(values.length + 2);
      ids.put(2, values, 0, values.length);
      assertThat(IntStream.range(2, values.length + 2).map(ids::get).toArray()).isEqualTo(expected);
      ids.put(1, IntStream.of(values).asLongStream().toArray(), 0, values.length);
      assertThat(IntStream.range(1, values.length + 1).map(ids::get).toArray()).isEqualTo(expected);
      for (int i = 0; i < values.length; i++) {
        ids.put(0, values[i]);
        assertThat(ids.get(0)).isEqualTo(expected[i]);
      }
      ids.hash(0);
      ids.put(0, 89_999);
      assertThat(ids.get(0)).isEqualTo(89_999);
      assertThat(ids.idBytes()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 10})
  void valuesThatWouldBeHashedPastTheLimit(int rows) {
    try (PackedIds ids = new PackedIds(9, 5, HostMemory.PLAIN)) {
      assertThatThrownBy(() -> ids.hash(rows))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid number of rows to hash into: %d, expected 0 to 9", rows);
      assertThat(ids.hashMod()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7, 8, 100, 5_000})
  void growingKeepsTheIds(int count) {
    try (PackedIds ids = new PackedIds(90_000, 5, HostMemory.PLAIN)) {
      ids.put(0, new int[] {1, 2, 3, 4, 80_000}, 0, 5);
      ids.ensure(count);
      assertThat(ids.capacity()).isGreaterThanOrEqualTo(count);
      assertThat(IntStream.range(0, 5).map(ids::get).toArray()).containsExactly(1, 2, 3, 4, 80_000);
    }
  }

  @ParameterizedTest
  @CsvSource({"2000000000, 4, 536870911", "70000, 3, 715827882", "9, 1, 2147483647"})
  void tooManyIds(int limit, int bytes, long most) {
    try (PackedIds ids = new PackedIds(limit, 5, HostMemory.PLAIN)) {
      assertThatThrownBy(() -> ids.ensure(most + 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot hold %d row ids of one feature in one batch: at most %d of %d bytes fit;"
                  + " lower the batch size",
              most + 1, most, bytes);
    }
  }
}
