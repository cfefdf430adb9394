package io.nightjar.spark.output;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;

/**
 * Spark's Parquet, but that tables whose columns are all numbers of fixed width are written by
 * {@link NumbersWriter}: keys and scores at less than half the cost.
 *
 * <p>Other tables, and whatever sets up an encoding, bloom filters or encryption, are written as
 * Spark writes them. Files are named and read as any Parquet of Spark's.
 */
public final class NumbersFormat extends ParquetFileFormat {
  /** What {@code DataFrameWriter.format} is told. */
  public static final String NAME = NumbersFormat.class.getName();

  private static final long serialVersionUID = 1L;

  /** Beginnings of settings that only Parquet's own writer knows how to follow. */
  private static final List<String> ONLY_OF_PARQUETS_WRITER =
      List.of(
          "parquet.enable.dictionary",
          "parquet.bloom.filter",
          "parquet.column.statistics",
          "parquet.crypto",
          "parquet.encryption");

  /** Made by Spark, of its name. */
  public NumbersFormat() {}

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession session,
      Job job,
      scala.collection.immutable.Map<String, String> options,
      StructType schema) {
    OutputWriterFactory parquet = super.prepareWrite(session, job, options, schema);
    boolean numbers =
        Stream.of(schema.fields()).allMatch(field -> NumberColumn.holds(field.dataType()));
    return numbers && !needsParquetsWriter(job.getConfiguration())
        ? new Factory(parquet, session.version())
        : parquet;
  }

  private static boolean needsParquetsWriter(Configuration settings) {
    if (ParquetOutputFormat.getWriterVersion(settings) != WriterVersion.PARQUET_1_0) {
      return true;
    }
    for (Map.Entry<String, String> setting : settings) {
      if (ONLY_OF_PARQUETS_WRITER.stream().anyMatch(setting.getKey()::startsWith)) {
        return true;
      }
    }
    return false;
  }

  private static final class Factory extends OutputWriterFactory {
    private static final long serialVersionUID = 1L;

    private final OutputWriterFactory parquet;
    private final String sparkVersion;

    Factory(OutputWriterFactory parquet, String sparkVersion) {
      this.parquet = parquet;
      this.sparkVersion = sparkVersion;
    }

    @Override
    public String getFileExtension(TaskAttemptContext task) {
      return parquet.getFileExtension(task);
    }

    @Override
    public OutputWriter newInstance(String path, StructType schema, TaskAttemptContext task) {
      return NumbersWriter.open(path, schema, sparkVersion, task.getConfiguration());
    }
  }
}
