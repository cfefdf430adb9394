package io.nightjar.spark.testing;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.stddev_pop;
import static org.apache.spark.sql.functions.when;

import io.nightjar.scorer.Precision;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How far scores are from those that were expected, row by row. Differences are NaN where no row
 * could be compared.
 *
 * @param rows rows that were expected
 * @param whole whether each row of either side has one partner on the other, and finite scores
 * @param worstScore largest |Δscore|
 * @param meanScore mean |Δscore|
 * @param worstLogit largest |Δlogit|
 * @param worstRelativeLogit largest |Δlogit| / (1 + |logit|)
 * @param logitDeviation standard deviation of the expected logits
 */
public record ScoreDifference(
    long rows,
    boolean whole,
    double worstScore,
    double meanScore,
    double worstLogit,
    double worstRelativeLogit,
    double logitDeviation) {

  /** Compares the columns score and logit of two tables whose rows are told apart by a key. */
  public static ScoreDifference between(Dataset<Row> scores, Dataset<Row> expected, String key) {
    Dataset<Row> joined = side(scores, key, "a").join(side(expected, key, "b"), key, "full_outer");
    Column score = abs(col("score_a").minus(col("score_b")));
    Column logit = abs(col("logit_a").minus(col("logit_b")));
    Row row =
        joined
            .agg(
                count(lit(1)),
                count(when(score.plus(logit).lt(lit(Double.POSITIVE_INFINITY)), 1)),
                orNan(max(score)),
                orNan(avg(score)),
                orNan(max(logit)),
                orNan(max(logit.divide(abs(col("logit_b")).plus(1)))),
                orNan(stddev_pop(col("logit_b"))))
            .head();
    long rows = expected.count();
    return new ScoreDifference(
        rows,
        scores.count() == rows && row.getLong(0) == rows && row.getLong(1) == rows,
        row.getDouble(2),
        row.getDouble(3),
        row.getDouble(4),
        row.getDouble(5),
        row.getDouble(6));
  }

  /** Whether every score is as close as {@code precision} promises. */
  public boolean isWithin(Precision precision) {
    return whole
        && switch (precision) {
          case FP32 -> worstScore <= 1e-5 && worstRelativeLogit <= 2e-5;
          case BF16 -> meanScore <= 2e-3 && worstLogit <= 0.05 * logitDeviation;
        };
  }

  private static Dataset<Row> side(Dataset<Row> table, String key, String name) {
    return table.select(
        col(key),
        col("score").cast("double").as("score_" + name),
        col("logit").cast("double").as("logit_" + name));
  }

  private static Column orNan(Column aggregate) {
    return coalesce(aggregate, lit(Double.NaN));
  }
}
