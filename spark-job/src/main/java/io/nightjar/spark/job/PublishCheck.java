package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import io.nightjar.spark.gates.Action;
import io.nightjar.spark.gates.Evidence;
import io.nightjar.spark.gates.Gate;
import io.nightjar.spark.gates.GateResult;
import io.nightjar.spark.gates.GateRule;
import io.nightjar.spark.gates.Gates;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Decides, between scoring and publishing, whether a run is fit to be published.
 *
 * @param conf what it must keep to
 */
record PublishCheck(SafetyConf conf) {
  private static final String ROWS = "nightjar rows";

  /**
   * Holds the bad rows to {@code max-bad-fraction}.
   *
   * @param quarantine where they lie, if they were set aside
   * @throws JobException if there are more, saying why they are bad
   */
  void badRows(ScoringStatistics run, Optional<String> quarantine) {
    long bad = run.badRowCount();
    if (bad <= conf.maxBadFraction() * run.rowsIn()) {
      return;
    }
    List<String> reasons = new ArrayList<>();
    run.badRows()
        .forEach(
            (reason, columns) ->
                columns.forEach(
                    (column, rows) ->
                        reasons.add(
                            String.format(
                                Locale.ROOT, "%,d %s in %s", rows, reason.code(), column))));
    throw new JobException(
        ExitCode.BAD_ROWS,
        String.format(
            Locale.ROOT,
            "Cannot publish: %,d of %,d rows are bad, more than the share %s that max-bad-fraction"
                + " allows: %s%s",
            bad,
            run.rowsIn(),
            conf.maxBadFraction(),
            String.join(", ", reasons),
            quarantine.map(folder -> "; they lie in " + folder).orElse("")));
  }

  /**
   * Looks at every gate.
   *
   * @param last what the last published run counted, if there is one
   * @param written the output, which is read for the gate on keys alone
   */
  List<GateResult> gates(ScoredRows rows, Optional<ScoringStatistics> last, Dataset<Row> written) {
    return Gates.check(
        conf.gates(),
        new Evidence(rows.statistics(), rows.in(), rows.written(), last, duplicateKeys(written)));
  }

  /**
   * Ends a run that must not be published.
   *
   * @throws JobException naming each gate that it did not pass
   */
  static void stop(List<GateResult> results) {
    String failed =
        results.stream()
            .filter(GateResult::stops)
            .map(result -> "gate " + result.gate().key() + ": " + result.message())
            .collect(Collectors.joining("; "));
    if (!failed.isEmpty()) {
      throw new JobException(ExitCode.GATES, "Cannot publish: " + failed);
    }
  }

  /**
   * Ends a run that would take scores away and has none to put in their place.
   *
   * @throws JobException if {@code rows} are none and readers have some
   */
  static void stopEmpty(ScoredRows rows, Publisher publisher) throws IOException {
    if (rows.written() == 0 && publisher.isPublished()) {
      throw new JobException(
          ExitCode.GATES,
          "Cannot publish: there is no row to publish, and "
              + publisher.target()
              + " holds published scores; output.allow-empty = true would let nothing replace"
              + " them");
    }
  }

  /** A pass of its own, over the key's columns of what was written: no task sees every row. */
  private OptionalLong duplicateKeys(Dataset<Row> written) {
    GateRule rule = conf.gates().get(Gate.DUPLICATE_KEYS);
    if (rule.action() == Action.OFF) {
      return OptionalLong.empty();
    }
    Column[] key =
        conf.keyColumns().stream().map(name -> col(ConfReader.quoted(name))).toArray(Column[]::new);
    Row twice =
        written
            .groupBy(key)
            .agg(count(lit(1)).as(ROWS))
            .where(col(ROWS).gt(1))
            .agg(coalesce(sum(col(ROWS)), lit(0L)))
            .head();
    return OptionalLong.of(twice.getLong(0));
  }
}
