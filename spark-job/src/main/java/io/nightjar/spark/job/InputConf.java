package io.nightjar.spark.job;

import java.util.List;
import java.util.Optional;

/**
 * What to score.
 *
 * @param source where the rows come from
 * @param where a Spark SQL condition on the examples or candidates
 */
record InputConf(Source source, Optional<String> where) {

  /** Where the rows come from. */
  sealed interface Source {

    /** The paths that are read. */
    List<String> paths();
  }

  /** Every feature in one table. */
  record Examples(String path) implements Source {
    @Override
    public List<String> paths() {
      return List.of(path);
    }
  }

  /** Pairs of users and items, whose features are joined to them. */
  record Candidates(KeyedTable users, KeyedTable items, String path) implements Source {
    @Override
    public List<String> paths() {
      return List.of(users.path(), items.path(), path);
    }
  }

  /**
   * A table with one row a key.
   *
   * @param name {@code users} or {@code items}
   * @param path where its Parquet is
   * @param key its column, and the candidates'
   */
  record KeyedTable(String name, String path, String key) {}
}
