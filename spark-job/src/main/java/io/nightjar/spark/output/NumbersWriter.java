package io.nightjar.spark.output;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.parquet.SparkToParquetSchemaConverter;
import org.apache.spark.sql.types.StructType;

/**
 * Writes one Parquet file whose columns are all numbers of fixed width.
 *
 * <p>Parquet's own writer takes a record apart by calls for each value: begin and end of a field,
 * its levels, its statistics, a dictionary that scores and keys do not fit. Here a value is put
 * into its column's page and nothing else; the rest is done once a page, by Parquet's own classes:
 * compression, checksums, statistics, column indexes, row groups and footer. Used by one thread.
 */
final class NumbersWriter extends OutputWriter {
  private final String path;
  private final Map<String, String> metadata;
  private final MessageType schema;
  private final CompressionCodecName codec;
  private final ParquetProperties properties;
  private final CompressionCodecFactory codecs;
  private final ParquetFileWriter file;
  private final NumberColumn[] columns;
  private final int rowsAPage;
  private final long bytesAGroup;
  private ColumnChunkPageWriteStore pages;
  private int rowsOfPage;
  private long rowsOfGroup;
  private boolean closed;

  private NumbersWriter(String path, StructType table, String sparkVersion, Configuration settings)
      throws IOException {
    this.path = path;
    // By which Spark knows its own files, and finds a column's metadata again.
    this.metadata =
        Map.of(
            "org.apache.spark.version",
            sparkVersion,
            "org.apache.spark.sql.parquet.row.metadata",
            table.json());
    this.schema = new SparkToParquetSchemaConverter(settings).convert(table);
    this.codec = ParquetOutputFormat.getCompression(settings);
    int rowLimit =
        settings.getInt(
            ParquetOutputFormat.PAGE_ROW_COUNT_LIMIT,
            ParquetProperties.DEFAULT_PAGE_ROW_COUNT_LIMIT);
    int pageBytes = ParquetOutputFormat.getPageSize(settings);
    this.rowsAPage = Math.max(1, Math.min(rowLimit, pageBytes / Long.BYTES));
    this.bytesAGroup = bytesAGroup(ParquetOutputFormat.getLongBlockSize(settings));
    this.properties =
        ParquetProperties.builder()
            .withPageWriteChecksumEnabled(ParquetOutputFormat.getPageWriteChecksumEnabled(settings))
            .build();
    this.columns = columns(table);
    this.file =
        new ParquetFileWriter(
            HadoopOutputFile.fromPath(new Path(path), settings),
            schema,
            ParquetFileWriter.Mode.CREATE,
            bytesAGroup,
            ParquetWriter.MAX_PADDING_SIZE_DEFAULT,
            null,
            properties);
    this.codecs = new CodecFactory(settings, pageBytes);
  }

  /** Begins a file; the caller closes it. */
  static NumbersWriter open(
      String path, StructType table, String sparkVersion, Configuration settings) {
    try {
      NumbersWriter writer = new NumbersWriter(path, table, sparkVersion, settings);
      writer.file.start();
      writer.beginGroup();
      return writer;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot begin " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * As asked for, but that the groups of all tasks, which lie on the heap, take a quarter of it.
   */
  private static long bytesAGroup(long asked) {
    Runtime machine = Runtime.getRuntime();
    return Math.min(asked, machine.maxMemory() / 4 / machine.availableProcessors());
  }

  private NumberColumn[] columns(StructType table) {
    List<NumberColumn> made = new ArrayList<>();
    for (ColumnDescriptor column : schema.getColumns()) {
      int ordinal = table.fieldIndex(column.getPath()[0]);
      made.add(NumberColumn.of(column, table.apply(ordinal).dataType(), ordinal, rowsAPage));
    }
    return made.toArray(NumberColumn[]::new);
  }

  @Override
  public void write(InternalRow row) {
    for (NumberColumn column : columns) {
      column.add(row);
    }
    rowsOfPage++;
    if (rowsOfPage == rowsAPage) {
      try {
        endPage();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot write " + path + ": " + e.getMessage(), e);
      }
    }
  }

  private void endPage() throws IOException {
    long bytes = 0;
    for (NumberColumn column : columns) {
      bytes += column.endPage(pages.getPageWriter(column.descriptor()));
    }
    rowsOfGroup += rowsOfPage;
    rowsOfPage = 0;
    if (bytes >= bytesAGroup) {
      endGroup();
      beginGroup();
    }
  }

  private void beginGroup() {
    pages =
        new ColumnChunkPageWriteStore(
            codecs.getCompressor(codec),
            schema,
            HeapByteBufferAllocator.getInstance(),
            properties.getColumnIndexTruncateLength(),
            properties.getPageWriteChecksumEnabled());
  }

  private void endGroup() throws IOException {
    if (rowsOfGroup > 0) {
      file.startBlock(rowsOfGroup);
      pages.flushToFileWriter(file);
      file.endBlock();
      rowsOfGroup = 0;
    }
    pages.close();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (file) {
      if (rowsOfPage > 0) {
        endPage();
      }
      endGroup();
      file.end(metadata);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot end " + path + ": " + e.getMessage(), e);
    } finally {
      codecs.release();
    }
  }

  @Override
  public String path() {
    return path;
  }
}
