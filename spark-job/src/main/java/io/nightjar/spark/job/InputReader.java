package io.nightjar.spark.job;

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
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SQLConf;
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
  private static final String KEY = ".key";

  /**
   * Rows take some times what their files do, the driver holds them twice, and where they are
   * joined up to 16 units that are scored side by side have copies of their own.
   */
  private static final long HEAP_A_SENT_BYTE = 256;

  /** Far below the 8 GiB at which Spark gives up. */
  private static final long MOST_SENT = 1L << 30;

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
          Optional.empty(),
          Optional.empty(),
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
    Dataset<Row> ofUsers = named(candidates, users, conf.users(), items);
    Dataset<Row> ofItems = named(candidates, items, conf.items(), users);
    InputTable usersTable = InputTable.of("input.users.path", conf.users().path(), users);
    InputTable itemsTable = InputTable.of("input.items.path", conf.items().path(), items);
    JoinOrder order =
        JoinOrder.of(sized("users", usersTable), sized("items", itemsTable), mostSent());
    Optional<SentTables> sent =
        order.isSent() && canBeLookedUp(candidates, conf)
            ? Optional.of(new SentTables())
            : Optional.empty();
    Dataset<Row> paired = selected;
    for (JoinOrder.Step step : order.steps()) {
      KeyedTable table = step.table().equals("users") ? conf.users() : conf.items();
      Dataset<Row> right = step.table().equals("users") ? ofUsers : ofItems;
      paired =
          sent.isPresent()
              ? lookUp(paired, right, table, sent.get())
              : join(paired, right, table, step);
    }
    Dataset<Row> pairs =
        paired.select(
            Stream.of(selected, ofUsers, ofItems)
                .flatMap(part -> Stream.of(part.columns()))
                .filter(name -> !isKey(name))
                .map(name -> functions.col(ConfReader.quoted(name)))
                .toArray(Column[]::new));
    return new ScoringInput(
        pairs,
        selected,
        List.of(
            marked(conf.users(), BadRowReason.MISSING_USER),
            marked(conf.items(), BadRowReason.MISSING_ITEM)),
        List.of(
            new ScoringInput.KeyedRows(conf.users(), users, values(ofUsers)),
            new ScoringInput.KeyedRows(conf.items(), items, values(ofItems))),
        Optional.of(order),
        sent,
        List.of(
            InputTable.of("input.candidates", conf.path(), candidates), usersTable, itemsTable));
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

  /** Columns that are the table's own, under the names that they have in the pairs. */
  private static List<String> values(Dataset<Row> named) {
    return Stream.of(named.columns()).filter(name -> !isMarker(name)).toList();
  }

  /** The columns of {@code right} under the names that they have in the pairs, and a marker. */
  private static Dataset<Row> named(
      Dataset<Row> candidates, Dataset<Row> right, KeyedTable table, Dataset<Row> third) {
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
    List<Column> columns = new ArrayList<>();
    for (String name : right.columns()) {
      Column column = right.col(ConfReader.quoted(name));
      if (name.toLowerCase(Locale.ROOT).equals(table.key().toLowerCase(Locale.ROOT))) {
        columns.add(column.as(key(table)));
      } else if (Columns.find(candidates, name).isPresent()
          || Columns.find(third, name).isPresent()) {
        columns.add(column.as(table.name() + "." + name));
      } else {
        columns.add(column);
      }
    }
    columns.add(lit(true).as(marker(table)));
    return right.select(columns.toArray(Column[]::new));
  }

  private JoinOrder.Table sized(String name, InputTable table) {
    Configuration hadoop = session.sparkContext().hadoopConfiguration();
    return new JoinOrder.Table(
        name,
        table.bytes(),
        () -> {
          // One file stands for all of them.
          FileStatus file = table.files().get(0);
          try {
            return (double) file.getLen() / Math.max(1, ParquetFooters.rows(List.of(file), hadoop));
          } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file.getPath() + ": " + e, e);
          }
        });
  }

  /** Most bytes of a table's files that every executor, and the driver, can well hold decoded. */
  private long mostSent() {
    SQLConf sql = ((org.apache.spark.sql.classic.SparkSession) session).sessionState().conf();
    if (sql.contains(SQLConf.AUTO_BROADCASTJOIN_THRESHOLD().key())) {
      return sql.autoBroadcastJoinThreshold();
    }
    SparkConf conf = session.sparkContext().conf();
    long driver = Runtime.getRuntime().maxMemory();
    long executor =
        session.sparkContext().isLocal()
            ? driver
            : conf.getSizeAsBytes("spark.executor.memory", "1g");
    long share = Math.min(driver, executor) / HEAP_A_SENT_BYTE;
    return Math.max(sql.autoBroadcastJoinThreshold(), Math.min(MOST_SENT, share));
  }

  /** Whether pairs can find users and items in memory, by columns; a join makes rows of them. */
  private static boolean canBeLookedUp(Dataset<Row> candidates, InputConf.Candidates conf) {
    return Lookup.takes(
        candidates.schema(),
        List.of(type(candidates, conf.users().key()), type(candidates, conf.items().key())));
  }

  /** Puts the columns of {@code right}, which every executor holds, beside each row. */
  private static Dataset<Row> lookUp(
      Dataset<Row> left, Dataset<Row> right, KeyedTable table, SentTables sent) {
    return Lookup.of(
        left,
        right,
        ConfReader.quoted(table.key()),
        ConfReader.quoted(key(table)),
        table.name(),
        sent);
  }

  /** Puts the columns of {@code right} beside each row of {@code left}. */
  private static Dataset<Row> join(
      Dataset<Row> left, Dataset<Row> right, KeyedTable table, JoinOrder.Step step) {
    Column sameKey =
        functions
            .col(ConfReader.quoted(table.key()))
            .equalTo(functions.col(ConfReader.quoted(key(table))));
    return left.join(right.hint(step.sent() ? "broadcast" : "merge"), sameKey, "left_outer");
  }

  private static String key(KeyedTable table) {
    return MARKER + table.name() + KEY;
  }

  private static boolean isKey(String column) {
    return isMarker(column) && column.endsWith(KEY);
  }

  private static DataType type(Dataset<Row> table, String column) {
    return table.schema().apply(Columns.find(table, column).orElseThrow()).dataType();
  }

  private static boolean areIntegers(DataType one, DataType other) {
    return one instanceof IntegralType && other instanceof IntegralType;
  }
}
