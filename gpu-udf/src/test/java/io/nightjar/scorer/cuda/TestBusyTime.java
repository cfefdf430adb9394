package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestBusyTime {
  private final BusyTime busy = new BusyTime();

  @Test
  void workThatOverlapsCountsOnce() {
    assertThat(busy.add(1, 3)).isEqualTo(2_000_000);
    assertThat(busy.add(2, 5)).isEqualTo(2_000_000);
    assertThat(busy.add(2, 4)).isZero();
    assertThat(busy.add(7, 8)).isEqualTo(1_000_000);
  }

  @Test
  void neverTooMuch() {
    assertThat(busy.add(7, 8)).isEqualTo(1_000_000);
    assertThat(busy.add(1, 3)).isZero();
    assertThat(busy.add(6, 9)).isEqualTo(1_000_000);
  }
}
