package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class TestModulus {
  private static final long[] EDGES = {
    Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, Long.MAX_VALUE - 1, Long.MAX_VALUE
  };

  @Property
  void isFloorMod(@ForAll long value, @ForAll @LongRange(min = 1, max = 1L << 62) long divisor) {
    assertThat(new Modulus(divisor).of(value)).isEqualTo(Math.floorMod(value, divisor));
  }

  @Property
  void ofSmallDivisors(@ForAll long value, @ForAll @LongRange(min = 1, max = 1000) long divisor) {
    assertThat(new Modulus(divisor).of(value)).isEqualTo(Math.floorMod(value, divisor));
  }

  @Property
  void ofManyAtATime(@ForAll long[] values, @ForAll @LongRange(min = 1, max = 1L << 62) long by) {
    long[] expected = LongStream.of(values).map(value -> Math.floorMod(value, by)).toArray();
    new Modulus(by).of(values, values.length);
    assertThat(values).isEqualTo(expected);
  }

  @Property
  void ofManyAtATimeByTheRowsOfATable(
      @ForAll @LongRange(min = 1, max = Integer.MAX_VALUE) long by, @ForAll long[] random) {
    long[] values =
        LongStream.concat(
                LongStream.of(random),
                LongStream.of(EDGES).flatMap(edge -> LongStream.of(edge, edge / by * by)))
            .flatMap(value -> LongStream.of(value - 1, value, value + 1))
            .toArray();
    long[] expected = LongStream.of(values).map(value -> Math.floorMod(value, by)).toArray();
    new Modulus(by).of(values, values.length);
    assertThat(values).isEqualTo(expected);
  }

  @Property
  void atTheEdges(@ForAll @LongRange(min = 1, max = 1L << 62) long divisor) {
    for (long edge : EDGES) {
      for (long value : new long[] {edge, edge / divisor * divisor, edge / divisor * divisor - 1}) {
        assertThat(new Modulus(divisor).of(value)).isEqualTo(Math.floorMod(value, divisor));
      }
    }
  }
}
