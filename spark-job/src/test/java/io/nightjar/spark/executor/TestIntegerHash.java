package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.batch.IntegerHash;
import java.util.Arrays;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.junit.jupiter.api.Test;

/** Columns of integers have the hashes that Spark gives their values. */
class TestIntegerHash {

  @Property
  void everyIntHasSparksHash(@ForAll @Size(max = 70) int[] ints, @ForAll long seed) {
    // Widened with their sign, as a column of ints is read.
    long[] values = Arrays.stream(ints).asLongStream().toArray();
    IntegerHash.ofInts(values, values.length, seed);
    assertThat(values)
        .isEqualTo(Arrays.stream(ints).mapToLong(value -> XXH64.hashInt(value, seed)).toArray());
  }

  @Property
  void everyLongHasSparksHash(@ForAll @Size(max = 70) long[] longs, @ForAll long seed) {
    long[] values = longs.clone();
    IntegerHash.ofLongs(values, values.length, seed);
    assertThat(values)
        .isEqualTo(Arrays.stream(longs).map(value -> XXH64.hashLong(value, seed)).toArray());
  }

  @Test
  void compiledLoopsGiveTheSame() {
    // Often enough that they are compiled, of as many values as a block has, and an odd number.
    for (int round = 0; round < 20_000; round++) {
      int count = 1024 - round % 9;
      long[] values = LongStream.range(round, round + count).toArray();
      IntegerHash.ofInts(values, count, 42);
      assertThat(values[count - 1]).isEqualTo(XXH64.hashInt(round + count - 1, 42));
      assertThat(values[round % count]).isEqualTo(XXH64.hashInt(round + round % count, 42));
    }
  }

  @Test
  void whatLiesBehindIsLeftAlone() {
    long[] values = {1, 2, 3};
    IntegerHash.ofInts(values, 2, 42);
    IntegerHash.ofLongs(values, 0, 42);
    assertThat(values).containsExactly(XXH64.hashInt(1, 42), XXH64.hashInt(2, 42), 3L);
  }
}
