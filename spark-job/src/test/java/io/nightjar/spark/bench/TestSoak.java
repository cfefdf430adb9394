package io.nightjar.spark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TestSoak {
  private static final long GIB = 1L << 30;

  @Test
  void whatSettlesHasNotGrown() {
    assertThat(Soak.grown(series(run -> run < 2 ? GIB : 3 * GIB + run % 3))).isEmpty();
  }

  @Test
  void whatGrowsByATenthOfAGibibyteARunHas() {
    assertThat(Soak.grown(series(run -> GIB + run * GIB / 10)))
        .containsExactly("device from 1,382 MiB to 1,791 MiB");
  }

  /** Ten runs; only the device's memory differs. */
  private static List<MemorySample> series(LongUnaryOperator device) {
    return LongStream.range(0, 10)
        .mapToObj(run -> new MemorySample(GIB, GIB, 0, GIB, device.applyAsLong(run), 4 * GIB))
        .toList();
  }
}
