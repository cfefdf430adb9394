package io.nightjar.spark.executor;

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
