package io.nightjar.spark.input;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;

/**
 * Spark's Parquet, but that scans of numbers and arrays of numbers are decoded by {@link
 * NumbersReader}: the same vectors, and of arrays in a fraction of the time.
 *
 * <p>Scans of other types, with a filter that Parquet can make use of, or by rows are Spark's, and
 * so are files whose columns are not stored as Spark would store them.
 */
public class NumbersParquetFormat extends ParquetFileFormat {
  private static final long serialVersionUID = 1L;

  /** Made by whoever plans a scan. */
  public NumbersParquetFormat() {}

  @Override
  public Function1<PartitionedFile, Iterator<InternalRow>> buildReaderWithPartitionValues(
      SparkSession session,
      StructType dataSchema,
      StructType partitionSchema,
      StructType requiredSchema,
      Seq<Filter> filters,
      scala.collection.immutable.Map<String, String> options,
      Configuration hadoop) {
    Function1<PartitionedFile, Iterator<InternalRow>> spark =
        super.buildReaderWithPartitionValues(
            session, dataSchema, partitionSchema, requiredSchema, filters, options, hadoop);
    SQLConf conf = ((org.apache.spark.sql.classic.SparkSession) session).sessionState().conf();
    boolean batches =
        options.get(FileFormat.OPTION_RETURNING_BATCH()).exists(value -> value.equals("true"));
    if (!batches
        || !filters.isEmpty()
        || conf.parquetFieldIdReadEnabled()
        || !NumberFields.canRead(requiredSchema)) {
      return spark;
    }
    return new NumbersScan(
        spark,
        requiredSchema,
        partitionSchema,
        conf.parquetVectorizedReaderBatchSize(),
        conf.offHeapColumnVectorEnabled(),
        SerializableConfiguration.broadcast(session.sparkContext(), hadoop));
  }
}
