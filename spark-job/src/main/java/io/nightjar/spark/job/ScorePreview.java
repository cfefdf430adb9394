package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The first rows of published scores and their histogram, for a person at a terminal. */
final class ScorePreview {
  private static final int ROWS = 5;
  private static final int BINS = 20;
  private static final int BAR = 50;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private ScorePreview() {}

  /** Reads {@code scores} and renders them, lines ended by {@code \n}. */
  static String of(Dataset<Row> scores, String scoreColumn) {
    long[] histogram = new long[BINS];
    scores
        .where(col(scoreColumn).isNotNull())
        .groupBy(least(floor(col(scoreColumn).multiply(BINS)), lit((long) BINS - 1)).as("bin"))
        .agg(count(lit(1)))
        .collectAsList()
        .forEach(bin -> histogram[Math.max(0, (int) bin.getLong(0))] += bin.getLong(1));
    return table(scores.columns(), scores.limit(ROWS).collectAsList()) + "\n" + bars(histogram);
  }

  /** A table with its columns flush right. */
  static String table(String[] columns, List<Row> rows) {
    List<String[]> lines =
        Stream.concat(Stream.<String[]>of(columns), rows.stream().map(ScorePreview::cells))
            .toList();
    int[] widths =
        IntStream.range(0, columns.length)
            .map(c -> lines.stream().mapToInt(line -> line[c].length()).max().orElse(0))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (String[] line : lines) {
      for (int c = 0; c < line.length; c++) {
        text.append("  ").append(" ".repeat(widths[c] - line[c].length())).append(line[c]);
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String[] cells(Row row) {
    return IntStream.range(0, row.size())
        .mapToObj(row::get)
        .map(
            value ->
                value instanceof Float || value instanceof Double
                    ? String.format(Locale.ROOT, "%.6f", ((Number) value).doubleValue())
                    : String.valueOf(value))
        .toArray(String[]::new);
  }

  /**
   * One line a bin of [0, 1], the fullest as wide as the bar.
   *
   * @param histogram scores a bin, from 0 to 1
   */
  static String bars(long[] histogram) {
    long most = Math.max(1, Arrays.stream(histogram).max().orElse(1));
    StringBuilder text = new StringBuilder();
    for (int bin = 0; bin < histogram.length; bin++) {
      int eighths = (int) Math.round(8.0 * BAR * histogram[bin] / most);
      String bar = "█".repeat(eighths / 8) + (eighths % 8 == 0 ? "" : EIGHTHS.charAt(eighths % 8));
      text.append(
          String.format(
              Locale.ROOT,
              "  %.2f  %s%s  %,d%n",
              (double) bin / histogram.length,
              bar,
              " ".repeat(BAR - bar.length()),
              histogram[bin]));
    }
    return text.toString();
  }
}
