package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.expr;

import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.QuarantineColumns;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Holds the columns that a config names against those that there are, before anything is scored.
 * Each method throws a {@link JobException} that names what is wrong.
 */
final class ColumnCheck {
  private ColumnCheck() {}

  /**
   * Every column that the run reads is there.
   *
   * @param sources model input to its source, every one of them
   */
  static void read(Dataset<Row> rows, Map<String, FeatureSource> sources, ScoringConf conf) {
    Columns columns = new Columns();
    sources.forEach(
        (input, source) -> {
          String key = "features." + input;
          if (source.value() instanceof FeatureSource.Sql sql) {
            columns.needAll(rows, sql.expression(), key + ".sql");
          } else if (source.value() instanceof FeatureSource.Column column) {
            boolean said = conf.spec().features().containsKey(input);
            columns.need(rows, Columns.plain(column.name()), said ? key : "model input " + input);
          }
          source.key().ifPresent(name -> columns.need(rows, Columns.plain(name), key + ".key"));
        });
    for (String name : conf.output().keepColumns()) {
      if (!name.equals("*")) {
        columns.need(rows, name, "output.keep-columns");
      }
    }
    columns.of("the input", rows);
    columns.check();
    sources.forEach(
        (input, source) -> {
          if (source.value() instanceof FeatureSource.Sql sql) {
            Failures.analysed(
                "features." + input + ".sql",
                sql.expression(),
                () -> rows.select(expr(sql.expression())));
          }
        });
  }

  /** The columns that the run adds have names that no other has. */
  static void added(Dataset<Row> rows, ScoringSpec spec) {
    addedName(rows, "output.score-column", spec.scoreColumn());
    Optional<String> logit = spec.logitColumn();
    if (logit.isPresent()) {
      addedName(rows, "output.logit-column", logit.get());
      if (logit.get().equalsIgnoreCase(spec.scoreColumn())) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid output.logit-column: "
                + logit.get()
                + ", expected another name than that of the score");
      }
    }
  }

  private static void addedName(Dataset<Row> rows, String key, String name) {
    if (Columns.find(rows, name).isPresent()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid " + key + ": " + name + ", expected a name that no column of the input has");
    }
  }

  /** Of the kept columns none is called as one that the quarantine adds to them. */
  static void kept(List<String> kept, ScoringSpec spec) {
    for (String name : kept) {
      if (spec.badRows() == BadRows.QUARANTINE
          && QuarantineColumns.names().stream().anyMatch(name::equalsIgnoreCase)) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid output.keep-columns: "
                + name
                + ", expected other columns than the quarantine's own "
                + String.join(", ", QuarantineColumns.names()));
      }
    }
  }

  /** The columns that are one row's alone are among those that are written. */
  static void keys(Dataset<Row> scores, SafetyConf safety) {
    for (String name : safety.keyColumns()) {
      if (Columns.find(scores, name).isEmpty()) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid gates.key-columns: "
                + name
                + ", expected columns of the output: "
                + String.join(", ", scores.columns()));
      }
    }
  }
}
