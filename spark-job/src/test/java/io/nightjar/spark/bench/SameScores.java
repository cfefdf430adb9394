package io.nightjar.spark.bench;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.io.IOException;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Two outputs of the same job: ends with 1 unless they have the same rows, each as often on both
 * sides, with the same scores bit for bit.
 */
public final class SameScores {
  private SameScores() {}

  /**
   * Entry point.
   *
   * @param args the two folders
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      // The set is read several times: a row and its score are one thing, and how often they are
      // there another.
      Row row =
          side(spark, args[0], "a")
              .join(side(spark, args[1], "b"), new String[] {"row_id", "score"}, "full_outer")
              .agg(
                  count(lit(1)),
                  coalesce(sum(col("a")), lit(0)),
                  coalesce(sum(col("b")), lit(0)),
                  count(when(col("a").equalTo(col("b")), 1)))
              .head();
      long distinct = row.getLong(0);
      boolean same = distinct > 0 && distinct == row.getLong(3);
      System.out.printf(
          Locale.ROOT,
          "%,d and %,d rows, %,d distinct; %s%n",
          row.getLong(1),
          row.getLong(2),
          distinct,
          same ? "each as often on both sides, bit for bit" : "NOT THE SAME");
      if (!same) {
        throw new IllegalStateException("Cannot call them the same: " + row);
      }
    }
  }

  private static Dataset<Row> side(SparkSession spark, String folder, String name) {
    return spark.read().parquet(folder).groupBy("row_id", "score").agg(count(lit(1)).as(name));
  }
}
