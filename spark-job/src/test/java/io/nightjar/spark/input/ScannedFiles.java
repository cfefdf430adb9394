package io.nightjar.spark.input;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.paths.SparkPath;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.immutable.HashMap$;
import scala.runtime.AbstractFunction1;

/** Reads the Parquet of a folder by a {@link NumbersScan} alone. */
record ScannedFiles(SparkSession spark, StructType schema, int capacity, boolean offHeap) {

  /** Thrown where a file is left to Spark's reader. */
  static final class LeftToSpark extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Every row, in the order of files and rows, its values joined by commas. */
  List<String> rows(Path folder) {
    List<String> rows = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> file.toString().endsWith(".parquet"))
          .sorted(Comparator.naturalOrder())
          .forEach(file -> read(file, 0, size(file), rows));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of the row groups whose middle lies in bytes {@code [from, to)}. */
  void read(Path file, long from, long to, List<String> rows) {
    NumbersScan scan =
        new NumbersScan(
            new AbstractFunction1<>() {
              @Override
              public scala.collection.Iterator<InternalRow> apply(PartitionedFile split) {
                throw new LeftToSpark();
              }
            },
            schema,
            new StructType(),
            capacity,
            offHeap,
            SerializableConfiguration.broadcast(spark.sparkContext()));
    PartitionedFile split =
        new PartitionedFile(
            InternalRow.empty(),
            SparkPath.fromPathString(file.toUri().toString()),
            from,
            to - from,
            new String[0],
            0,
            size(file),
            HashMap$.MODULE$.empty());
    // Spark, too, is told that these are rows.
    scala.collection.Iterator<?> batches = scan.apply(split);
    while (batches.hasNext()) {
      Iterator<InternalRow> batch = ((ColumnarBatch) batches.next()).rowIterator();
      while (batch.hasNext()) {
        rows.add(text((Row) CatalystTypeConverters.convertToScala(batch.next(), schema)));
      }
    }
  }

  /** A row's values joined by commas. */
  static String text(Row row) {
    return row.mkString(",");
  }
}
