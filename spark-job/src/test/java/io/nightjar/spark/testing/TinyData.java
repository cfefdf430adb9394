package io.nightjar.spark.testing;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Parquet to go with {@link TinyModel}: {@code id}, {@code day}, and every feature. */
public final class TinyData {
  private TinyData() {}

  /**
   * Writes rows with ids from 0 on, partitioned by {@code day} = id mod 4, and reads them back.
   *
   * @param numEmbeddings row ids go from 0 to this, exclusive
   */
  public static Dataset<Row> write(
      SparkSession session, Path folder, long rows, int dense, int sparse, int numEmbeddings) {
    String[] columns =
        IntStream.concat(IntStream.range(0, dense).map(i -> -1 - i), IntStream.range(0, sparse))
            .mapToObj(
                i ->
                    i < 0
                        ? "cast((id * 7 + " + -i + ") % 11 as float) d" + (-1 - i)
                        : "cast((id * 3 + " + i + ") % " + numEmbeddings + " as int) s" + i)
            .toArray(String[]::new);
    String[] all = new String[columns.length + 2];
    all[0] = "id";
    all[1] = "id % 4 day";
    System.arraycopy(columns, 0, all, 2, columns.length);
    session
        .range(0, rows, 1, 2)
        .selectExpr(all)
        .write()
        .partitionBy("day")
        .parquet(folder.toString());
    return session.read().parquet(folder.toString());
  }
}
