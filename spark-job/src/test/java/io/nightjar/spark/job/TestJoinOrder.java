package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestJoinOrder {
  private static final long MIB = 1L << 20;

  private static JoinOrder of(long users, long items, double userRow, double itemRow, long limit) {
    return JoinOrder.of(
        new JoinOrder.Table("users", users * MIB, () -> userRow),
        new JoinOrder.Table("items", items * MIB, () -> itemRow),
        limit < 0 ? limit : limit * MIB);
  }

  @ParameterizedTest
  @CsvSource({
    // users, items, a user's row, an item's row, limit, order: + is sent to every executor
    "8, 4, 1, 2, 10, users+ items+",
    "4, 8, 1, 2, 10, items+ users+",
    "10, 10, 1, 2, 10, users+ items+",
    "11, 4, 1, 2, 10, users items+",
    "4, 11, 1, 2, 10, items users+",
    "11, 12, 1, 2, 10, users items",
    "11, 12, 2, 1, 10, items users",
    "12, 11, 2, 1, 10, items users",
    "12, 11, 3, 3, 10, items users",
    "1, 0, 3, 2, -1, items users",
    "0, 0, 2, 3, -1, users items",
  })
  void isDecidedBySizes(
      long users, long items, double userRow, double itemRow, long limit, String expected) {
    StringBuilder steps = new StringBuilder();
    for (JoinOrder.Step step : of(users, items, userRow, itemRow, limit).steps()) {
      steps.append(' ').append(step.table()).append(step.sent() ? "+" : "");
    }
    assertThat(steps.substring(1)).isEqualTo(expected);
  }

  @Test
  void isExplained() {
    assertThat(of(11, 4, 1, 2, 10).steps())
        .extracting(JoinOrder.Step::why)
        .containsExactly(
            "11.0 MiB: pairs are brought to them with their own columns",
            "4.0 MiB, sent to every executor: at most 10.0 MiB");
    assertThat(of(11, 12, 220, 40.25, 10).steps())
        .extracting(JoinOrder.Step::why)
        .containsExactly(
            "12.0 MiB, 40.3 B a row: pairs are brought to them with their own columns",
            "11.0 MiB, 220.0 B a row: pairs are brought to them with their own columns and those of"
                + " items");
  }
}
