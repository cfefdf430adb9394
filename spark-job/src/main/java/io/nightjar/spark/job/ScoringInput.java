package io.nightjar.spark.job;

import io.nightjar.spark.plan.SentTables;
import io.nightjar.spark.spec.RequiredColumn;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows to score.
 *
 * @param rows every column of the input
 * @param counted as many rows, from as little as tells how many they are
 * @param required columns whose null marks a row that cannot be scored; they are not the user's
 * @param tables the tables that must have one row a key
 * @param join how those were joined; empty where nothing was
 * @param sent those tables in the executors' memory, where pairs are looked up there; it sees to
 *     one row a key; closed by who scores
 * @param sources every table that is read, the one that drives the run first
 */
record ScoringInput(
    Dataset<Row> rows,
    Dataset<Row> counted,
    List<RequiredColumn> required,
    List<KeyedRows> tables,
    Optional<JoinOrder> join,
    Optional<SentTables> sent,
    List<InputTable> sources) {

  /** The table that drives the run: every row to score is one of its own. */
  InputTable driving() {
    return sources.get(0);
  }

  /**
   * Rows that must have one row a key.
   *
   * @param conf what the config says of the table
   * @param rows its rows
   * @param columns its columns but for the key, as they are called in the rows to score
   */
  record KeyedRows(InputConf.KeyedTable conf, Dataset<Row> rows, List<String> columns) {}
}
