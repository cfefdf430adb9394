package io.nightjar.spark.bench;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * Users, items and candidates in tables of their own. A fifth of the users has candidates today, a
 * hundred each, which lie together; popular items are candidates of many.
 */
record JoinedSet() implements BenchSet {
  /** Candidates of a user that has any. */
  static final int CANDIDATES = 100;

  private static final int USERS_OF_TODAY = 5;
  private static final int ROWS_OF_AN_ITEM = 80;

  @Override
  public String name() {
    return "joined";
  }

  @Override
  public String title() {
    return "joined: users (6 floats, 13 ints), items (5, 11), candidates (2, 2)";
  }

  @Override
  public Path rows(Path folder) {
    return folder.resolve("joined/candidates");
  }

  @Override
  public void write(SparkSession spark, Path folder, long rows, int tableRows) {
    long active = (rows + CANDIDATES - 1) / CANDIDATES;
    long items = Math.max(1, rows / ROWS_OF_AN_ITEM);
    MadeTable.of("user_id")
        .dense(1, 6)
        .ids(1, 13)
        .write(spark, users(folder), active * USERS_OF_TODAY, tableRows);
    MadeTable.of("item_id").dense(7, 11).ids(14, 24).write(spark, items(folder), items, tableRows);
    MadeTable.of("row_id")
        .with("user_id", DataTypes.LongType, made -> made.id() / CANDIDATES * USERS_OF_TODAY)
        .with("item_id", DataTypes.LongType, made -> (long) (made.skewed() * items))
        .dense(12, 13)
        .ids(25, 26)
        .write(spark, rows(folder), rows, tableRows);
  }

  private static Path users(Path folder) {
    return folder.resolve("joined/users");
  }

  private static Path items(Path folder) {
    return folder.resolve("joined/items");
  }

  @Override
  public String input(Path folder, Path driving) {
    return """
    users { path = "%s", key = user_id }
        items { path = "%s", key = item_id }
        candidates = "%s"\
    """
        .formatted(users(folder), items(folder), driving);
  }
}
