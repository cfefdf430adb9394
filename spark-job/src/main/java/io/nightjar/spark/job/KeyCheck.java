package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/** Holds users and items to one row a key: with two, a pair would be scored twice. */
final class KeyCheck {
  private static final int EXAMPLES = 3;

  private KeyCheck() {}

  /**
   * Reads the keys of {@code table}.
   *
   * @throws JobException with examples if one is null or there twice
   */
  static void check(ScoringInput.KeyedRows table) {
    Column key = col(ConfReader.quoted(table.conf().key()));
    List<Row> wrong =
        table
            .rows()
            .groupBy(key.as("key"))
            .count()
            .where(col("count").gt(1).or(col("key").isNull()))
            .orderBy(col("key"))
            .limit(EXAMPLES + 1)
            .collectAsList();
    if (wrong.isEmpty()) {
      return;
    }
    String examples =
        wrong.stream()
            .limit(EXAMPLES)
            .map(
                row ->
                    (row.isNullAt(0) ? "null" : row.get(0))
                        + " in "
                        + row.getLong(1)
                        + (row.getLong(1) == 1 ? " row" : " rows"))
            .collect(Collectors.joining(", "));
    throw new JobException(
        ExitCode.INPUT,
        "Invalid "
            + table.conf().key()
            + " of "
            + table.conf().name()
            + ": "
            + examples
            + (wrong.size() > EXAMPLES ? " and more" : "")
            + ", expected one row for each value, and none for null ("
            + table.conf().path()
            + ")");
  }
}
