package io.nightjar.batch;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestLogarithm {

  @Property
  void isThatOfTheLibrary(@ForAll double x) {
    check(x);
  }

  @Property
  void ofSmallNumbers(@ForAll @DoubleRange(min = -1, max = 1) double x) {
    check(x);
    check(x * 0x1p-30);
    check(x * 0x1p-60);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        -2,
        -1,
        -0.99999999,
        0,
        Double.MIN_VALUE,
        0x1p-53,
        0x1p-52,
        1,
        1e300,
        Double.MAX_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN
      })
  void atTheEdges(double x) {
    check(x);
  }

  @Test
  void ofCounts() {
    for (int count = 0; count < 5000; count++) {
      assertThat(Logarithm.log1p(count)).isEqualTo((float) StrictMath.log1p(count));
      assertThat(Logarithm.log1p(count + 0.5)).isEqualTo((float) StrictMath.log1p(count + 0.5));
    }
    assertThat(Logarithm.log1p(-1)).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  /** Of floats, many at a time, the bits are those of one double at a time. */
  @Property
  void ofManyFloats(@ForAll float[] random) {
    float[] odd = {-1, -0f, 0f, 0.5f, 4095, 4096, 0x1p31f, -3, Float.NaN, Float.MAX_VALUE};
    for (float[] values : new float[][] {random, odd, {0, 1, 2, 4095}, {}}) {
      float[] found = values.clone();
      boolean lookedUp = Logarithm.log1p(found, found.length);
      for (int i = 0; i < values.length; i++) {
        assertThat(Float.floatToIntBits(found[i]))
            .isEqualTo(Float.floatToIntBits(Logarithm.log1p(values[i])));
        assertThat(!lookedUp || Float.isFinite(found[i])).isTrue();
      }
    }
    assertThat(Logarithm.log1p(new float[] {7, 4095}, 2)).isTrue();
    assertThat(Logarithm.log1p(new float[] {7, 4095.5f}, 2)).isFalse();
  }

  private static void check(double x) {
    double expected = StrictMath.log1p(x);
    double found = Logarithm.computed(x);
    if (Double.isFinite(expected)) {
      assertThat(Math.abs(found - expected)).isLessThanOrEqualTo(8 * Math.ulp(expected));
    } else {
      assertThat(Double.toString(found)).isEqualTo(Double.toString(expected));
    }
  }
}
