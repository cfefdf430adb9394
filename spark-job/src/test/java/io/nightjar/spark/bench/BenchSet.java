package io.nightjar.spark.bench;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Rows to score, made of nothing: a {@code row_id}, 13 dense columns I1 to I13 and 26 sparse ones,
 * C1 to C26, in whatever tables a user would have them.
 */
interface BenchSet {
  /** Dense features: skewed counts as floats, three in a hundred null. */
  int DENSE = 13;

  /** Sparse features. */
  int SPARSE = 26;

  /** What it is called on the command line. */
  String name();

  /** What it is, for a table of results. */
  String title();

  /** The folder of the table that has a row for each score. */
  default Path rows(Path folder) {
    return folder.resolve(name());
  }

  /**
   * Makes its tables below {@code folder}.
   *
   * @param rows of the table that has one for each score
   * @param tableRows row ids are below this
   */
  void write(SparkSession spark, Path folder, long rows, int tableRows);

  /**
   * The section {@code input} of the job's config; of one table, unless said otherwise.
   *
   * @param driving the table that has a row for each score, or a folder with its files many times
   */
  default String input(Path folder, Path driving) {
    return "examples = \"" + driving + "\"";
  }

  /** All of them, in the order of the tables of results. */
  static List<BenchSet> all() {
    return List.of(new FlatSet(), new MultiHotSet(), new JoinedSet());
  }

  /** The set of that name. */
  static BenchSet of(String name) {
    return all().stream()
        .filter(set -> set.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid --set: " + name + ", expected flat, multi-hot, joined or all"));
  }
}
