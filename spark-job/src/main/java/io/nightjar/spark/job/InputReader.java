package io.nightjar.spark.job;

import io.nightjar.spark.spec.BadRowReason;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the rows to score from what the config names: one table as it is, or candidates with the
 * columns of their user and item beside them.
 */
final class InputReader {
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
    return input.source() instanceof InputConf.Candidates candidates
        ? pairs(candidates, input.where())
        : examples((InputConf.Examples) input.source(), input.where());
  }

  private ScoringInput examples(InputConf.Examples conf, Optional<String> where) {
    Dataset<Row> table = parquet("input.examples", conf.path());
    Dataset<Row> rows = where(table, "examples", where);
    return new ScoringInput(
        rows,
        rows,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(InputTable.of("input.examples", conf.path(), table)));
  }

  private ScoringInput pairs(InputConf.Candidates conf, Optional<String> where) {
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

    Dataset<Row> chosen = where(candidates, "candidates", where);
    return new PairJoin(
            session,
            InputTable.of("input.candidates", conf.path(), candidates),
            JoinedTable.of(conf.users(), BadRowReason.MISSING_USER, users, candidates, items),
            JoinedTable.of(conf.items(), BadRowReason.MISSING_ITEM, items, candidates, users))
        .of(chosen);
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
}
