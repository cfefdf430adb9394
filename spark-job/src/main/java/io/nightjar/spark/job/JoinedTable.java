package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.nightjar.spark.job.InputConf.KeyedTable;
import io.nightjar.spark.plan.Lookup;
import io.nightjar.spark.plan.SentTables;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.spec.RequiredColumn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegralType;

/**
 * Users or items, whose columns are put beside the candidates.
 *
 * @param conf what the config says of them
 * @param missing what a candidate is that has none of them
 * @param source all of them
 * @param named the same rows under the names that their columns have in the pairs, and a marker
 */
record JoinedTable(KeyedTable conf, BadRowReason missing, InputTable source, Dataset<Row> named) {
  private static final String MARKER = "nightjar.";
  private static final String KEY = ".key";

  /**
   * The table.
   *
   * @param candidates have its key
   * @param third the other table that is joined to them
   * @throws JobException if its key is not of the candidates' type
   */
  static JoinedTable of(
      KeyedTable conf,
      BadRowReason missing,
      Dataset<Row> rows,
      Dataset<Row> candidates,
      Dataset<Row> third) {
    DataType wanted = Columns.type(candidates, conf.key());
    DataType given = Columns.type(rows, conf.key());
    if (!wanted.equals(given) && !areIntegers(wanted, given)) {
      throw new JobException(
          ExitCode.INPUT,
          "Cannot join "
              + conf.name()
              + ": their "
              + conf.key()
              + " is "
              + given.simpleString()
              + ", that of the candidates is "
              + wanted.simpleString());
    }
    List<Column> columns = new ArrayList<>();
    for (String name : rows.columns()) {
      Column column = rows.col(ConfReader.quoted(name));
      if (name.equalsIgnoreCase(conf.key())) {
        columns.add(column.as(key(conf)));
      } else if (Columns.find(candidates, name).isPresent()
          || Columns.find(third, name).isPresent()) {
        columns.add(column.as(conf.name() + "." + name));
      } else {
        columns.add(column);
      }
    }
    columns.add(lit(true).as(marker(conf)));
    return new JoinedTable(
        conf,
        missing,
        InputTable.of("input." + conf.name() + ".path", conf.path(), rows),
        rows.select(columns.toArray(Column[]::new)));
  }

  private static boolean areIntegers(DataType one, DataType other) {
    return one instanceof IntegralType && other instanceof IntegralType;
  }

  /** Whether {@code column} was put in by the join and is nobody's. */
  static boolean isMarker(String column) {
    return column.startsWith(MARKER);
  }

  /** Whether {@code column} is a table's key, which the pairs have already. */
  static boolean isKey(String column) {
    return isMarker(column) && column.endsWith(KEY);
  }

  private static String marker(KeyedTable conf) {
    return MARKER + conf.name();
  }

  private static String key(KeyedTable conf) {
    return marker(conf) + KEY;
  }

  /** A column that is null in a pair without a row of the table. */
  RequiredColumn required() {
    return new RequiredColumn(
        ConfReader.quoted(marker(conf)),
        missing,
        ConfReader.quoted(conf.key()),
        "no row of " + conf.name() + " has its " + conf.key());
  }

  /** Its rows, and the columns that are its own. */
  ScoringInput.KeyedRows keyed() {
    return new ScoringInput.KeyedRows(
        conf, source.rows(), Stream.of(named.columns()).filter(name -> !isMarker(name)).toList());
  }

  /** Its size. */
  JoinOrder.Table sized() {
    return new JoinOrder.Table(conf.name(), source.bytes(), this::rowBytes);
  }

  /** One file stands for all of them. */
  private double rowBytes() {
    FileStatus file = source.files().get(0);
    try {
      long count =
          ParquetFooters.rows(
              List.of(file), named.sparkSession().sparkContext().hadoopConfiguration());
      return (double) file.getLen() / Math.max(1, count);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file.getPath() + ": " + e, e);
    }
  }

  /** Puts its columns, which every executor holds, beside each of {@code pairs}. */
  Dataset<Row> lookUp(Dataset<Row> pairs, SentTables sent) {
    return Lookup.of(
        pairs,
        named,
        ConfReader.quoted(conf.key()),
        ConfReader.quoted(key(conf)),
        conf.name(),
        sent);
  }

  /** Has Spark put its columns beside each of {@code pairs}. */
  Dataset<Row> join(Dataset<Row> pairs, boolean isSent) {
    Column sameKey = col(ConfReader.quoted(conf.key())).equalTo(col(ConfReader.quoted(key(conf))));
    return pairs.join(named.hint(isSent ? "broadcast" : "merge"), sameKey, "left_outer");
  }
}
