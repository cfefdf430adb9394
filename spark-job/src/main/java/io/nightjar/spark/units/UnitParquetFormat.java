package io.nightjar.spark.units;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;

/** Spark's Parquet reader, kept to the row groups of a unit. */
final class UnitParquetFormat extends ParquetFileFormat {
  private static final long serialVersionUID = 1L;

  // A file's row groups that are of one unit follow each other, so there is one part a file.
  private final Map<String, FilePart> parts = new HashMap<>();

  UnitParquetFormat(Unit unit) {
    unit.parts().forEach(part -> parts.put(part.path().toString(), part));
  }

  @Override
  public Function1<PartitionedFile, Iterator<InternalRow>> buildReaderWithPartitionValues(
      SparkSession session,
      StructType dataSchema,
      StructType partitionSchema,
      StructType requiredSchema,
      Seq<Filter> filters,
      scala.collection.immutable.Map<String, String> options,
      Configuration hadoop) {
    return new Reader(
        super.buildReaderWithPartitionValues(
            session, dataSchema, partitionSchema, requiredSchema, filters, options, hadoop),
        parts);
  }

  /** Reads of each split what is the unit's. */
  private static final class Reader
      extends AbstractFunction1<PartitionedFile, Iterator<InternalRow>> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Function1<PartitionedFile, Iterator<InternalRow>> parquet;
    private final Map<String, FilePart> parts;

    Reader(Function1<PartitionedFile, Iterator<InternalRow>> parquet, Map<String, FilePart> parts) {
      this.parquet = parquet;
      this.parts = parts;
    }

    @Override
    public Iterator<InternalRow> apply(PartitionedFile split) {
      FilePart part = parts.get(split.toPath().toString());
      long from = Math.max(split.start(), part.from());
      long to = Math.min(split.start() + split.length(), part.to());
      return from < to ? parquet.apply(clipped(split, from, to)) : Iterator.empty();
    }

    private static PartitionedFile clipped(PartitionedFile split, long from, long to) {
      return split.copy(
          split.partitionValues(),
          split.filePath(),
          from,
          to - from,
          split.locations(),
          split.modificationTime(),
          split.fileSize(),
          split.otherConstantMetadataColumnValues());
    }
  }
}
