package io.nightjar.spark.executor;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Rows for a model with {@code d0}, {@code s0} and {@code s1}, and tables of ten rows. */
final class BadData {
  private BadData() {}

  /**
   * A hundred rows in two partitions. Of these, 15 are bad in the features, one is by a required
   * column {@code match}, and none in two ways.
   */
  static Dataset<Row> rows(SparkSession session) {
    return session
        .range(0, 100, 1, 2)
        .selectExpr(
            "id",
            "case when id < 3 then null when id < 5 then double('NaN') when id < 6 then 1e300D"
                + " else id end d0",
            "case when id between 10 and 13 then 99L when id between 20 and 29 then null"
                + " else id % 10 end s0",
            "case when id between 30 and 31 then array(1L, null) when id between 40 and 46 then"
                + " array() when id between 50 and 52 then array(-1L) else array(2L, 3L) end s1",
            "nullif(id, 60) match");
  }
}
