package io.nightjar.spark.bench;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** One table, one to five ids in a bag. */
record MultiHotSet() implements BenchSet {

  @Override
  public String name() {
    return "multi-hot";
  }

  @Override
  public String title() {
    return "multi-hot: 13 floats, 26 arrays of 1 to 5 ints";
  }

  @Override
  public void write(SparkSession spark, Path folder, long rows, int tableRows) {
    MadeTable.of("row_id")
        .dense(1, DENSE)
        .bags(1, SPARSE)
        .write(spark, rows(folder), rows, tableRows);
  }
}
