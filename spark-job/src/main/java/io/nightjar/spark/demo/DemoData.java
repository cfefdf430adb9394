package io.nightjar.spark.demo;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.nightjar.spark.demo.DemoFeatures.Dense;
import io.nightjar.spark.demo.DemoFeatures.Side;
import io.nightjar.spark.demo.DemoFeatures.Sparse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The demo's tables. Every value is a hash of its row's key and the column's name, so the same size
 * gives the same data on any number of cores.
 *
 * @param users one row a user, with the user's features
 * @param items one row an item, with the item's features
 * @param candidates the pairs to score, with the features of the moment
 * @param examples the same pairs with every feature in one table
 */
record DemoData(
    Dataset<Row> users, Dataset<Row> items, Dataset<Row> candidates, Dataset<Row> examples) {

  private static final int CANDIDATES_PER_USER = 50;
  private static final long FIRST_USER = 10_000_000L;
  private static final long FIRST_ITEM = 500_000L;

  /** Plans the tables of {@code rows} pairs; nothing is computed yet. */
  static DemoData plan(SparkSession spark, long rows) {
    long userCount = Math.max(1, (rows + CANDIDATES_PER_USER - 1) / CANDIDATES_PER_USER);
    int itemCount = (int) Math.max(1, Math.min(1_000_000, rows / 20));

    Dataset<Row> users =
        table(
            spark.range(FIRST_USER, FIRST_USER + userCount).toDF("user_id"), Side.USER, "user_id");
    Dataset<Row> items =
        table(
            spark.range(FIRST_ITEM, FIRST_ITEM + itemCount).toDF("item_id"), Side.ITEM, "item_id");
    Column pair = col("pair_id");
    Dataset<Row> pairs =
        spark
            .range(rows)
            .toDF("pair_id")
            .withColumn("user_id", floor(pair.divide(CANDIDATES_PER_USER)).plus(FIRST_USER))
            .withColumn(
                "item_id",
                Hotness.LOW.rowId(unit("pair_id", "item_id"), itemCount).plus(FIRST_ITEM));
    Dataset<Row> candidates = table(pairs, Side.CANDIDATE, "pair_id").drop("pair_id");
    return new DemoData(
        users, items, candidates, candidates.join(users, "user_id").join(items, "item_id"));
  }

  private static Dataset<Row> table(Dataset<Row> keys, Side side, String key) {
    List<Column> columns = new ArrayList<>();
    for (String name : keys.columns()) {
      columns.add(col(name));
    }
    for (Dense feature : DemoFeatures.DENSE) {
      if (feature.side() == side) {
        columns.add(dense(feature, key).as(feature.name()));
      }
    }
    for (Sparse feature : DemoFeatures.SPARSE) {
      if (feature.side() == side) {
        columns.add(sparse(feature, key).as(feature.name()));
      }
    }
    return keys.select(columns.toArray(Column[]::new));
  }

  private static Column dense(Dense feature, String key) {
    Column value =
        pow(unit(key, feature.name()), lit(feature.skew())).multiply(feature.scale()).cast("float");
    return feature.nullShare() == 0
        ? value
        : when(unit(key, feature.name() + "?").geq(feature.nullShare()), value);
  }

  private static Column sparse(Sparse feature, String key) {
    if (feature.most() == 1) {
      Column id = feature.hotness().rowId(unit(key, feature.name()), feature.rows());
      return feature.hashed() ? concat(lit(feature.name() + "-"), id) : id;
    }
    Column[] ids =
        IntStream.range(0, feature.most())
            .mapToObj(i -> unit(key, feature.name() + i))
            .map(unit -> feature.hotness().rowId(unit, feature.rows()))
            .toArray(Column[]::new);
    Column length = floor(unit(key, feature.name() + "#").multiply(feature.most() + 1));
    return slice(array(ids), lit(1), length.cast("int"));
  }

  /** Uniform in [0, 1), the same for the same key and salt. */
  private static Column unit(String key, String salt) {
    return shiftrightunsigned(xxhash64(col(key), lit(salt)), 11).multiply(0x1.0p-53);
  }
}
