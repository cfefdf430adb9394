package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestRowIdCounts {
  private static Map<Long, Long> counted(RowIdCounts counts) {
    Map<Long, Long> counted = new HashMap<>();
    counts.forEach((key, times) -> assertThat(counted.put(key, times)).isNull());
    return counted;
  }

  @Test
  void countsEveryRowOfEveryTable() {
    RowIdCounts counts = new RowIdCounts();
    Map<Long, Long> expected = new HashMap<>();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 300_000; i++) {
      int table = random.nextInt(3);
      // Some often, and the largest id that there can be.
      int row = random.nextInt(4) == 0 ? Integer.MAX_VALUE - 1 : random.nextInt(100_000);
      counts.add(table, row);
      expected.merge(((long) table << 32) | row, 1L, Long::sum);
    }
    assertThat(counted(counts)).isEqualTo(expected);
    assertThat(counts.isFull()).isFalse();
    counts.clear();
    assertThat(counted(counts)).isEmpty();
  }

  @Test
  void saysWhenItIsFull() {
    RowIdCounts counts = new RowIdCounts();
    int rows = 0;
    while (!counts.isFull()) {
      counts.add(7, rows++);
    }
    assertThat(rows).isEqualTo((1 << 21) + 1);
    counts.clear();
    assertThat(counts.isFull()).isFalse();
  }
}
