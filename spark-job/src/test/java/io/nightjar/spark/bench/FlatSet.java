package io.nightjar.spark.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.spec.Transform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The flat set: row_id, 13 float columns with nulls, 26 int columns with one id each. */
final class FlatSet {
  static final int DENSE = 13;
  static final int SPARSE = 26;
  private static final int FILES = 64;

  private FlatSet() {}

  /** Its columns, row_id first. */
  static List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("row_id"));
    for (int i = 1; i <= DENSE; i++) {
      columns.add("I" + i);
    }
    for (int i = 1; i <= SPARSE; i++) {
      columns.add("C" + i);
    }
    return columns;
  }

  /** Writes it. Dense values are skewed counts, ids follow u³ · tableRows. */
  static void write(SparkSession spark, long rows, int tableRows, String path) {
    List<Column> columns = new ArrayList<>();
    columns.add(col("id").as("row_id"));
    for (int i = 1; i <= DENSE; i++) {
      Column count = floor(log(unit("I" + i)).multiply(-40.0 * i)).cast("float");
      columns.add(when(unit("I" + i + "?").geq(0.03), count).as("I" + i));
    }
    for (int i = 1; i <= SPARSE; i++) {
      columns.add(floor(pow(unit("C" + i), lit(3.0)).multiply(tableRows)).cast("int").as("C" + i));
    }
    // One generated method of so many hashes is too long to be compiled to machine code.
    spark.conf().set("spark.sql.codegen.wholeStage", false);
    spark
        .range(0, rows, 1, FILES)
        .select(columns.toArray(Column[]::new))
        .write()
        .option("compression", "snappy")
        .parquet(path);
    spark.conf().set("spark.sql.codegen.wholeStage", true);
  }

  /** Every row of {@code path}, and again so many times, as if there were so many copies of it. */
  static Dataset<Row> read(SparkSession spark, String path, int copies) throws IOException {
    List<String> paths = new ArrayList<>(List.of(path));
    for (int copy = 1; copy < copies; copy++) {
      paths.add(link(Path.of(path), Path.of(path + "-" + copy)).toString());
    }
    return spark
        .read()
        .parquet(paths.toArray(String[]::new))
        .select(columns().stream().map(name -> col(name)).toArray(Column[]::new));
  }

  /** A folder of links to the files of another one. */
  private static Path link(Path from, Path to) throws IOException {
    if (!Files.exists(to)) {
      Files.createDirectories(to);
      try (Stream<Path> files = Files.list(from)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.createLink(to.resolve(file.getFileName()), file);
        }
      }
    }
    return to;
  }

  /** What a user declares: logarithms of counts, and row ids out of ids by their hash. */
  static ScoringSpec spec(String model, BackendChoice backend, Precision precision, int tableRows) {
    ScoringSpec spec = ScoringSpec.of(model).withBackend(backend).withPrecision(precision);
    for (int i = 0; i < DENSE; i++) {
      spec =
          spec.withFeature(
              "d" + i,
              FeatureSource.column("I" + (i + 1)).withNullValue(0).withTransform(Transform.LOG1P));
    }
    for (int i = 0; i < SPARSE; i++) {
      spec = spec.withFeature("s" + i, FeatureSource.column("C" + (i + 1)).withHashMod(tableRows));
    }
    return spec;
  }

  /** Uniform in (0, 1], the same for the same row and salt. */
  private static Column unit(String salt) {
    return shiftrightunsigned(xxhash64(col("id"), lit(salt)), 11).plus(1).multiply(0x1.0p-53);
  }
}
