package io.nightjar.spark.bench;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** One table, one id in every bag. */
record FlatSet() implements BenchSet {

  @Override
  public String name() {
    return "flat";
  }

  @Override
  public String title() {
    return "flat: 13 floats, 26 ints";
  }

  @Override
  public void write(SparkSession spark, Path folder, long rows, int tableRows) {
    MadeTable.of("row_id")
        .dense(1, DENSE)
        .ids(1, SPARSE)
        .write(spark, rows(folder), rows, tableRows);
  }
}
