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
              BagWalk.DEEP, microseconds[2],
              BagWalk.LINES, microseconds[3]));
    };
  }

  @Test
  void theFastestIsChosenOnceForShortAndOnceForLongBags() {
    BagWalks walks = new BagWalks("ctr", true);
    assertThat(walks.of(LONG, times(30.04, 21, 20.5, 22))).isEqualTo(BagWalk.DEEP);
    assertThat(walks.of(SHORT, times(2, 3, 4, 1))).isEqualTo(BagWalk.LINES);
    assertThat(walks.of(LONG, times(1, 2, 3, 4))).isEqualTo(BagWalk.DEEP);
    assertThat(walks.of(SHORT, times(4, 3, 2, 1.5))).isEqualTo(BagWalk.LINES);
    assertThat(measured).isEqualTo(2);
    assertThat(walks.times())
        .containsExactly(
            "bags of 64.0 ids on average: deep (short 30.0 us, long 21.0 us, deep 20.5 us, lines"
                + " 22.0 us)",
            "bags of 63.9 ids on average: lines (short 2.0 us, long 3.0 us, deep 4.0 us, lines"
                + " 1.0 us)");
  }

  @Test
  void whereNothingIsMeasuredTheLengthDecides() {
    BagWalks walks = new BagWalks("ctr", false);
    assertThat(walks.of(LONG, times(1, 2, 3, 4))).isEqualTo(BagWalk.LONG);
    assertThat(walks.of(SHORT, times(4, 3, 2, 1))).isEqualTo(BagWalk.SHORT);
    assertThat(measured).isZero();
    assertThat(walks.times()).isEmpty();
  }

  @Test
  void aBatchWithoutBagsIsNotMeasured() {
    BagWalks walks = new BagWalks("ctr", true);
    assertThat(walks.of(new BagCount(0, 0), times(4, 3, 2, 1))).isEqualTo(BagWalk.SHORT);
    assertThat(measured).isZero();
  }
}
