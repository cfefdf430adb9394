package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestLaunchShape {

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "31, 1", "32, 1", "33, 2", "64, 2", "2147483647, 67108864"})
  void coversEveryItem(int items, int blocks) {
    assertThat(LaunchShape.covering(items, 32)).isEqualTo(new LaunchShape(blocks, 1, 32, 1, 0));
  }

  @Test
  void changesOneThing() {
    assertThat(LaunchShape.of(2, 256).gridY(26).sharedBytes(1024))
        .isEqualTo(new LaunchShape(2, 26, 256, 1, 1024));
  }

  @Test
  void refusesWhatNoDeviceTakes() {
    assertThatThrownBy(() -> LaunchShape.of(0, 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid grid: 0 x 1, expected 1 or more x 1 to 65535");
    assertThatThrownBy(() -> LaunchShape.of(1, 32).gridY(65_536))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid grid: 1 x 65536, expected 1 or more x 1 to 65535");
    assertThatThrownBy(() -> LaunchShape.of(1, 1025))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid threads a block: 1025, expected 1 to 1024");
    assertThatThrownBy(() -> LaunchShape.of(1, 32).sharedBytes(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid shared memory: -1 bytes, expected 0 or more");
  }
}
