package io.nightjar.spark.units;

import io.nightjar.spark.executor.FilePart;
import io.nightjar.spark.input.NumbersParquetFormat;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * Parquet, kept to the row groups of a unit. Tasks say what they have read, and take that with what
 * they commit.
 */
final class UnitParquetFormat extends NumbersParquetFormat {
  private static final long serialVersionUID = 1L;

  private final Map<String, List<FilePart>> cut;

  /**
   * Makes the format.
   *
   * @param cut the parts of the files that the unit has not all of, by their path
   */
  UnitParquetFormat(Map<String, List<FilePart>> cut) {
    this.cut = cut;
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
        new HashMap<>(cut));
  }

  /** Reads of each split what is the unit's. */
  private static final class Reader
      extends AbstractFunction1<PartitionedFile, Iterator<InternalRow>> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Function1<PartitionedFile, Iterator<InternalRow>> parquet;
    private final Map<String, List<FilePart>> cut;

    Reader(
        Function1<PartitionedFile, Iterator<InternalRow>> parquet,
        Map<String, List<FilePart>> cut) {
      this.parquet = parquet;
      this.cut = cut;
    }

    @Override
    public Iterator<InternalRow> apply(PartitionedFile split) {
      String path = split.toPath().toString();
      FilePart all = new FilePart(path, split.start(), split.start() + split.length());
      List<PartitionedFile> ours = new ArrayList<>();
      for (FilePart part : cut.getOrDefault(path, List.of(all))) {
        long from = Math.max(all.from(), part.from());
        long to = Math.min(all.to(), part.to());
        if (from < to) {
          new FilePart(path, from, to).isRead();
          ours.add(clipped(split, from, to));
        }
      }
      return switch (ours.size()) {
        case 0 -> Iterator.empty();
        case 1 -> parquet.apply(ours.get(0));
        // One after the other: a file is opened when the one before is read.
        default -> CollectionConverters.asScala(ours.iterator()).flatMap(parquet::apply);
      };
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
