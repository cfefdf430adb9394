package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.lit;

import io.nightjar.spark.job.InputConf.KeyedTable;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.RequiredColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegralType;

/**
 * Makes the rows to score from what the config names: one table as it is, or candidates with the
 * columns of their user and item beside them.
 *
 * <p>The join keeps every candidate. One without its user or item has a null in a marker column,
 * and so becomes a bad row.
 */
final class InputReader {
  private static final String MARKER = "nightjar.";

  private final SparkSession session;

  InputReader(SparkSession session) {
    this.session = session;
  }

  /**
   * Plans the rows; reads footers, but no data.
   *
   * @throws JobException if a path or a column is not there
   */
  ScoringInput read(InputConf input) {
    if (input.source() instanceof InputConf.Examples examples) {
      Dataset<Row> table = parquet("input.examples", examples.path());
      Dataset<Row> rows = where(table, "examples", input.where());
      return new ScoringInput(
          rows,
          rows,
          List.of(),
          List.of(),
          List.of(InputTable.of("input.examples", examples.path(), table)));
    }
    InputConf.Candidates conf = (InputConf.Candidates) input.source();
    Dataset<Row> candidates = parquet("input.candidates", conf.path());
    Dataset<Row> users = parquet("input.users.path", conf.users().path());
    Dataset<Row> items = parquet("input.items.path", conf.items().path());

    Columns columns = new Columns();
    columns.need(users, conf.users().key(), "input.users.key, in users");
    columns.need(candidates, conf.users().key(), "input.users.key, in candidates");
    columns.need(items, conf.items().key(), "input.items.key, in items");
    columns.need(candidates, conf.items().key(), "input.items.key, in candidates");
    columns.of("users", users);
    columns.of("items", items);
    columns.of("candidates", candidates);
    columns.check();

    Dataset<Row> selected = where(candidates, "candidates", input.where());
    Dataset<Row> withUsers = join(selected, candidates, users, conf.users(), items);
    Dataset<Row> pairs = join(withUsers, candidates, items, conf.items(), users);
    return new ScoringInput(
        pairs,
        selected,
        List.of(
            marked(conf.users(), BadRowReason.MISSING_USER),
            marked(conf.items(), BadRowReason.MISSING_ITEM)),
        List.of(
            new ScoringInput.KeyedRows(conf.users(), users),
            new ScoringInput.KeyedRows(conf.items(), items)),
        List.of(
            InputTable.of("input.candidates", conf.path(), candidates),
            InputTable.of("input.users.path", conf.users().path(), users),
            InputTable.of("input.items.path", conf.items().path(), items)));
  }

  /** Whether {@code column} was put in by the join and is nobody's. */
  static boolean isMarker(String column) {
    return column.startsWith(MARKER);
  }

  private Dataset<Row> parquet(String key, String path) {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    InputFiles.check(key, path, hadoop);
    return session.read().parquet(path);
  }

  private static Dataset<Row> where(Dataset<Row> rows, String table, Optional<String> condition) {
    if (condition.isEmpty()) {
      return rows;
    }
    Columns columns = new Columns();
    columns.needAll(rows, condition.get(), "input.where");
    columns.of(table, rows);
    columns.check();
    return Failures.analysed("input.where", condition.get(), () -> rows.where(condition.get()));
  }

  private static RequiredColumn marked(KeyedTable table, BadRowReason reason) {
    return new RequiredColumn(
        ConfReader.quoted(marker(table)),
        reason,
        ConfReader.quoted(table.key()),
        "no row of " + table.name() + " has its " + table.key());
  }

  private static String marker(KeyedTable table) {
    return MARKER + table.name();
  }

  /** Puts the columns of {@code right} and a marker beside each row of {@code left}. */
  private static Dataset<Row> join(
      Dataset<Row> left,
      Dataset<Row> candidates,
      Dataset<Row> right,
      KeyedTable table,
      Dataset<Row> third) {
    DataType wanted = type(candidates, table.key());
    DataType given = type(right, table.key());
    if (!wanted.equals(given) && !areIntegers(wanted, given)) {
      throw new JobException(
          ExitCode.INPUT,
          "Cannot join "
              + table.name()
              + ": their "
              + table.key()
              + " is "
              + given.simpleString()
              + ", that of the candidates is "
              + wanted.simpleString());
    }
    String key = MARKER + table.name() + ".key";
    List<Column> columns = new ArrayList<>();
    for (String name : right.columns()) {
      Column column = right.col(ConfReader.quoted(name));
      if (name.toLowerCase(Locale.ROOT).equals(table.key().toLowerCase(Locale.ROOT))) {
        columns.add(column.as(key));
      } else if (Columns.find(candidates, name).isPresent()
          || Columns.find(third, name).isPresent()) {
        columns.add(column.as(table.name() + "." + name));
      } else {
        columns.add(column);
      }
    }
    columns.add(lit(true).as(marker(table)));
    Dataset<Row> named = right.select(columns.toArray(Column[]::new));
    Column sameKey =
        functions
            .col(ConfReader.quoted(table.key()))
            .equalTo(functions.col(ConfReader.quoted(key)));
    return left.join(named, sameKey, "left_outer").drop(functions.col(ConfReader.quoted(key)));
  }

  private static DataType type(Dataset<Row> table, String column) {
    return table.schema().apply(Columns.find(table, column).orElseThrow()).dataType();
  }

  private static boolean areIntegers(DataType one, DataType other) {
    return one instanceof IntegralType && other instanceof IntegralType;
  }
}
