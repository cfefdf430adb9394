package io.nightjar.spark.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Gathers the columns that a run reads and a table lacks, so that the user hears of all of them at
 * once.
 */
final class Columns {
  private final List<String> missing = new ArrayList<>();
  private final List<String> tables = new ArrayList<>();

  /** Notes {@code name} unless {@code table} has it; {@code key} is what asks for it. */
  void need(Dataset<Row> table, String name, String key) {
    if (find(table, name).isEmpty()) {
      missing.add(name + " (" + key + ")");
    }
  }

  /** Notes what the Spark SQL expression {@code sql} reads and {@code table} lacks. */
  void needAll(Dataset<Row> table, String sql, String key) {
    for (String name : columnsOf(table, sql, key)) {
      need(table, name, key);
    }
  }

  /** Says which columns there are, should one be missing. */
  void of(String tableName, Dataset<Row> table) {
    tables.add(tableName + " has " + String.join(", ", table.columns()));
  }

  /**
   * Ends the gathering.
   *
   * @throws JobException if any column is missing
   */
  void check() {
    if (!missing.isEmpty()) {
      throw new JobException(
          ExitCode.INPUT,
          "Cannot find column"
              + (missing.size() > 1 ? "s " : " ")
              + String.join(", ", missing)
              + ": "
              + String.join("; ", tables));
    }
  }

  /** The column of {@code table} that Spark takes {@code name} for, by its plain name. */
  static Optional<String> find(Dataset<Row> table, String name) {
    boolean exact = session(table).sessionState().conf().caseSensitiveAnalysis();
    for (String column : table.columns()) {
      if (exact ? column.equals(name) : column.equalsIgnoreCase(name)) {
        return Optional.of(column);
      }
    }
    return Optional.empty();
  }

  /** The type of the column of {@code table} that Spark takes {@code name} for. */
  static DataType type(Dataset<Row> table, String name) {
    return table.schema().apply(find(table, name).orElseThrow()).dataType();
  }

  /** The column that {@code name} means, where it may be quoted as Spark's names are. */
  static String plain(String name) {
    return UnresolvedAttribute.parseAttributeName(name).head();
  }

  private static List<String> columnsOf(Dataset<Row> table, String sql, String key) {
    Expression expression;
    try {
      expression = session(table).sessionState().sqlParser().parseExpression(sql);
    } catch (Exception e) {
      throw Failures.invalidSql(key, sql, e);
    }
    List<String> names = new ArrayList<>();
    for (Expression leaf : CollectionConverters.asJava(expression.collectLeaves())) {
      if (leaf instanceof UnresolvedAttribute attribute) {
        names.add(attribute.nameParts().head());
      }
    }
    return names.stream().distinct().toList();
  }

  private static SparkSession session(Dataset<Row> table) {
    return (SparkSession) table.sparkSession();
  }
}
