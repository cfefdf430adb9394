package io.nightjar.spark.input;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.vectorized.ColumnVectorUtils;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.execution.vectorized.OffHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import scala.Function1;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Reads each split of a scan: by a {@link NumbersReader} where its file is fit for one. */
final class NumbersScan extends AbstractFunction1<PartitionedFile, Iterator<InternalRow>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Function1<PartitionedFile, Iterator<InternalRow>> spark;
  private final StructType required;
  private final StructType partition;
  private final int capacity;
  private final boolean offHeap;
  private final Broadcast<SerializableConfiguration> hadoop;

  /**
   * Makes the scan.
   *
   * @param spark reads what is not fit
   * @param required columns of files, all of them numbers or arrays of numbers
   * @param partition columns of folders, which come behind them
   * @param capacity most rows of a batch
   * @param offHeap where vectors are
   */
  NumbersScan(
      Function1<PartitionedFile, Iterator<InternalRow>> spark,
      StructType required,
      StructType partition,
      int capacity,
      boolean offHeap,
      Broadcast<SerializableConfiguration> hadoop) {
    this.spark = spark;
    this.required = required;
    this.partition = partition;
    this.capacity = capacity;
    this.offHeap = offHeap;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<InternalRow> apply(PartitionedFile split) {
    return open(split).map(NumbersReader::batches).orElseGet(() -> spark.apply(split));
  }

  /** A reader of {@code split}, which the task closes; none where Spark is to read it. */
  private Optional<NumbersReader> open(PartitionedFile split) {
    try {
      ParquetFileReader file = file(split);
      Optional<NumberFields> fields = NumberFields.of(required, file.getFileMetaData().getSchema());
      if (fields.isEmpty()) {
        file.close();
        return Optional.empty();
      }
      NumbersReader reader =
          new NumbersReader(file, fields.get(), vectors(split.partitionValues()), capacity);
      Optional.ofNullable(TaskContext.get())
          .ifPresent(
              task ->
                  task.addTaskCompletionListener((TaskCompletionListener) ended -> reader.close()));
      return Optional.of(reader);
    } catch (IOException e) {
      return Optional.empty(); // Spark meets the same, and says it as its users know it.
    }
  }

  private ParquetFileReader file(PartitionedFile split) throws IOException {
    Configuration settings = hadoop.value().value();
    Path path = split.toPath();
    ParquetReadOptions options =
        HadoopReadOptions.builder(settings, path)
            .withRange(split.start(), split.start() + split.length())
            .build();
    return ParquetFileReader.open(HadoopInputFile.fromPath(path, settings), options);
  }

  /** Vectors of a batch: first the file's columns, then what the names of its folders say. */
  private ColumnVector[] vectors(InternalRow folders) {
    WritableColumnVector[] ofFile =
        offHeap
            ? OffHeapColumnVector.allocateColumns(capacity, required)
            : OnHeapColumnVector.allocateColumns(capacity, required);
    ColumnVector[] all =
        Arrays.copyOf(ofFile, ofFile.length + partition.length(), ColumnVector[].class);
    for (int i = 0; i < partition.length(); i++) {
      ConstantColumnVector constant =
          new ConstantColumnVector(capacity, partition.apply(i).dataType());
      ColumnVectorUtils.populate(constant, folders, i);
      all[ofFile.length + i] = constant;
    }
    return all;
  }
}
