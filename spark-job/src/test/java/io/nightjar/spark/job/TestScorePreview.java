package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class TestScorePreview {

  @Test
  void alignsColumnsFlushRight() {
    assertThat(
            ScorePreview.table(
                new String[] {"user_id", "score"},
                List.of(RowFactory.create(7L, 0.25f), RowFactory.create(12345678L, null))))
        .isEqualTo(
            """
               user_id     score
                     7  0.250000
              12345678      null
            """);
  }

  @Test
  void drawsTheFullestBinAsWideAsTheBar() {
    assertThat(ScorePreview.bars(new long[] {2000, 0, 500, 5}))
        .isEqualTo(
            "  0.00  "
                + "█".repeat(50)
                + "  2,000\n"
                + "  0.25  "
                + " ".repeat(50)
                + "  0\n"
                + "  0.50  "
                + "█".repeat(12)
                + "▌"
                + " ".repeat(37)
                + "  500\n"
                + "  0.75  "
                + "▏"
                + " ".repeat(49)
                + "  5\n");
  }

  @Test
  void drawsNothingWhenThereAreNoScores() {
    assertThat(ScorePreview.bars(new long[2]))
        .isEqualTo("  0.00  " + " ".repeat(50) + "  0\n  0.50  " + " ".repeat(50) + "  0\n");
  }
}
