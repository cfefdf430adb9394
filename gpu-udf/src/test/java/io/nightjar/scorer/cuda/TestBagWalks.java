package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TestBagWalks {
  private static final BagCount SHORT = new BagCount(10, 639);
  private static final BagCount LONG = new BagCount(10, 640);

  private int measured;

  private Supplier<EnumMap<BagWalk, Double>> times(double... microseconds) {
    return () -> {
      measured++;
      return new EnumMap<>(
          Map.of(
              BagWalk.SHORT, microseconds[0],
              BagWalk.LONG, microseconds[1],
              BagWalk.DEEP, microseconds[2]));
    };
  }

  @Test
  void theFastestIsChosenOnceForShortAndOnceForLongBags() {
    BagWalks walks = new BagWalks("ctr", true);
    assertThat(walks.of(LONG, times(30.04, 21, 20.5))).isEqualTo(BagWalk.DEEP);
    assertThat(walks.of(SHORT, times(1, 2, 3))).isEqualTo(BagWalk.SHORT);
    assertThat(walks.of(LONG, times(1, 2, 3))).isEqualTo(BagWalk.DEEP);
    assertThat(walks.of(SHORT, times(3, 2, 1))).isEqualTo(BagWalk.SHORT);
    assertThat(measured).isEqualTo(2);
    assertThat(walks.times())
        .containsExactly(
            "bags of 64.0 ids on average: deep (short 30.0 us, long 21.0 us, deep 20.5 us)",
            "bags of 63.9 ids on average: short (short 1.0 us, long 2.0 us, deep 3.0 us)");
  }

  @Test
  void whereNothingIsMeasuredTheLengthDecides() {
    BagWalks walks = new BagWalks("ctr", false);
    assertThat(walks.of(LONG, times(1, 2, 3))).isEqualTo(BagWalk.LONG);
    assertThat(walks.of(SHORT, times(3, 2, 1))).isEqualTo(BagWalk.SHORT);
    assertThat(measured).isZero();
    assertThat(walks.times()).isEmpty();
  }

  @Test
  void aBatchWithoutBagsIsNotMeasured() {
    BagWalks walks = new BagWalks("ctr", true);
    assertThat(walks.of(new BagCount(0, 0), times(3, 2, 1))).isEqualTo(BagWalk.SHORT);
    assertThat(measured).isZero();
  }
}
