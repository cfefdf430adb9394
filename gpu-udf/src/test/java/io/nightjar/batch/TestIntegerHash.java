package io.nightjar.batch;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestIntegerHash {

  /** One by one as many at a time. */
  @Property
  void rowIdIsTheHashModuloTheRows(@ForAll int value, @ForAll @IntRange(min = 1) int rows) {
    long[] hash = {value};
    IntegerHash.ofInts(hash, 1, IntegerHash.SEED);
    assertThat(IntegerHash.rowId(value, rows)).isEqualTo((int) Math.floorMod(hash[0], (long) rows));
  }

  /** Of Spark: {@code SELECT pmod(xxhash64(int(value)), rows)}. */
  @ParameterizedTest
  @CsvSource({
    "0, 1, 0",
    "0, 1000000, 510707",
    "1, 1000000, 761001",
    "-1, 1000000, 258757",
    "2147483647, 1000000, 531228",
    "-2147483648, 2147483647, 1020723431",
    "123456789, 2147483647, 539469566",
    "-7, 40000000, 7274714"
  })
  void isSparks(int value, int rows, int rowId) {
    assertThat(IntegerHash.rowId(value, rows)).isEqualTo(rowId);
  }
}
