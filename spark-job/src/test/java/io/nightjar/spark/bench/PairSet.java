package io.nightjar.spark.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import io.nightjar.batch.Transform;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Pairs of users and items with the columns of {@link FlatSet}, as one table and as three: 50 pairs
 * a user, who follow each other, and 10,000 items, of which some are far more frequent than others.
 */
final class PairSet {
  private static final int PAIRS_A_USER = 50;
  private static final int ITEMS = 10_000;
  private static final int FILES = 32;

  private PairSet() {}

  /** Whose features are whose. */
  enum Side {
    USER("user_id", 1, 8, 1, 13),
    ITEM("item_id", 9, 11, 14, 23),
    PAIR("row_id", 12, BenchSet.DENSE, 24, BenchSet.SPARSE);

    private final String key;
    private final int firstDense;
    private final int lastDense;
    private final int firstSparse;
    private final int lastSparse;

    Side(String key, int firstDense, int lastDense, int firstSparse, int lastSparse) {
      this.key = key;
      this.firstDense = firstDense;
      this.lastDense = lastDense;
      this.firstSparse = firstSparse;
      this.lastSparse = lastSparse;
    }

    private List<Column> columns(int tableRows) {
      List<Column> columns = new ArrayList<>();
      for (int i = firstDense; i <= lastDense; i++) {
        columns.add(floor(log(unit("I" + i)).multiply(-40.0 * i)).cast("float").as("I" + i));
      }
      for (int i = firstSparse; i <= lastSparse; i++) {
        columns.add(
            floor(pow(unit("C" + i), lit(3.0)).multiply(tableRows)).cast("int").as("C" + i));
      }
      return columns;
    }

    /** Uniform in (0, 1], the same for the same key and salt. */
    private Column unit(String salt) {
      return shiftrightunsigned(xxhash64(col(key), lit(salt)), 11).plus(1).multiply(0x1.0p-53);
    }
  }

  /** Writes {@code pairs}, {@code candidates}, {@code users} and {@code items} below a folder. */
  static void write(SparkSession spark, long pairs, int tableRows, Path folder) {
    // One generated method of so many hashes is too long to be compiled to machine code.
    spark.conf().set("spark.sql.codegen.wholeStage", false);
    Dataset<Row> keys =
        spark
            .range(0, pairs, 1, FILES)
            .select(
                col("id").as("row_id"),
                floor(col("id").divide(PAIRS_A_USER)).as("user_id"),
                floor(pow(hashed("item"), lit(3.0)).multiply(ITEMS)).as("item_id"));
    write(with(keys, tableRows, Side.PAIR), folder.resolve("candidates"));
    write(with(keys, tableRows, Side.values()), folder.resolve("pairs"));
    Dataset<Row> users = spark.range(0, (pairs - 1) / PAIRS_A_USER + 1, 1, 4).toDF("user_id");
    write(with(users, tableRows, Side.USER), folder.resolve("users"));
    write(
        with(spark.range(0, ITEMS, 1, 1).toDF("item_id"), tableRows, Side.ITEM),
        folder.resolve("items"));
    spark.conf().set("spark.sql.codegen.wholeStage", true);
  }

  private static Column hashed(String salt) {
    return shiftrightunsigned(xxhash64(col("id"), lit(salt)), 11).multiply(0x1.0p-53);
  }

  private static Dataset<Row> with(Dataset<Row> keys, int tableRows, Side... sides) {
    List<Column> columns = new ArrayList<>();
    for (String key : keys.columns()) {
      columns.add(col(key));
    }
    for (Side side : sides) {
      columns.addAll(side.columns(tableRows));
    }
    return keys.select(columns.toArray(Column[]::new));
  }

  private static void write(Dataset<Row> table, Path path) {
    table.write().option("compression", "snappy").parquet(path.toString());
  }

  /** What a user declares: logarithms of counts, and row ids out of ids by their hash. */
  static ScoringSpec spec(String model, BackendChoice backend, Precision precision, int tableRows) {
    ScoringSpec spec = ScoringSpec.of(model).withBackend(backend).withPrecision(precision);
    for (int i = 0; i < BenchSet.DENSE; i++) {
      spec =
          spec.withFeature(
              "d" + i,
              FeatureSource.column("I" + (i + 1)).withNullValue(0).withTransform(Transform.LOG1P));
    }
    for (int i = 0; i < BenchSet.SPARSE; i++) {
      spec = spec.withFeature("s" + i, FeatureSource.column("C" + (i + 1)).withHashMod(tableRows));
    }
    return spec;
  }

  /** {@code spec}, which is told that the features of {@code side} are decided by its key. */
  static ScoringSpec withKey(ScoringSpec spec, Side side) {
    ScoringSpec keyed = spec;
    for (int i = side.firstDense; i <= side.lastDense; i++) {
      keyed = withKey(keyed, "d" + (i - 1), side.key);
    }
    for (int i = side.firstSparse; i <= side.lastSparse; i++) {
      keyed = withKey(keyed, "s" + (i - 1), side.key);
    }
    return keyed;
  }

  private static ScoringSpec withKey(ScoringSpec spec, String feature, String key) {
    return spec.withFeature(feature, spec.features().get(feature).withKey(key));
  }
}
