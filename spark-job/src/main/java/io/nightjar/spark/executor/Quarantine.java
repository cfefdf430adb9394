package io.nightjar.spark.executor;

import io.nightjar.spark.spec.QuarantineColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetOutputWriter;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The bad rows of one attempt of a task, as Parquet files that are committed with the attempt's
 * scores, or not at all. It owns the files' writers; whoever commits or aborts closes it.
 */
final class Quarantine implements AutoCloseable {
  private final TaskAttemptContext context;
  private final UnaryOperator<String> newFile;
  private final List<Writer> writers = new ArrayList<>();

  /**
   * Makes it; a file is opened for the first bad row.
   *
   * @param context the attempt
   * @param newFile makes the path of a new file from the end of its name
   */
  Quarantine(TaskAttemptContext context, UnaryOperator<String> newFile) {
    this.context = context;
    this.newFile = newFile;
  }

  /** Takes the bad rows of one pipeline, whose kept columns these are. */
  Writer writer(List<BoundColumn> kept) {
    String path = newFile.apply("-c%03d.parquet".formatted(writers.size()));
    Writer writer = new Writer(kept, path, context);
    writers.add(writer);
    return writer;
  }

  @Override
  public void close() {
    writers.forEach(writer -> writer.file.close());
    writers.clear();
  }

  /** Writes kept columns, and beside them what is wrong. */
  static final class Writer {
    private final ParquetOutputWriter file;
    private final ProjectingInternalRow kept;
    private final GenericInternalRow wrong = new GenericInternalRow(3);
    private final JoinedRow both = new JoinedRow();

    private Writer(List<BoundColumn> columns, String path, TaskAttemptContext context) {
      StructType schema = new StructType();
      List<Object> ordinals = new ArrayList<>();
      for (BoundColumn column : columns) {
        schema = schema.add(column.name(), column.type(), true);
        ordinals.add(column.ordinal());
      }
      this.kept =
          new ProjectingInternalRow(schema, CollectionConverters.asScala(ordinals).toIndexedSeq());
      StructType all =
          schema
              .add(QuarantineColumns.REASON, DataTypes.StringType, false)
              .add(QuarantineColumns.COLUMN, DataTypes.StringType, false)
              .add(QuarantineColumns.VALUE, DataTypes.StringType, true);
      // The scores' settings, but for what the rows look like.
      Configuration settings = new Configuration(context.getConfiguration());
      ParquetWriteSupport.setSchema(all, settings);
      this.file =
          new ParquetOutputWriter(
              path, new TaskAttemptContextImpl(settings, context.getTaskAttemptID()));
    }

    /**
     * Writes a row.
     *
     * @param value the text of the value that is to blame; null if that is null
     */
    void write(InternalRow row, BadRowCause cause, String value) {
      kept.project(row);
      wrong.update(0, UTF8String.fromString(cause.reason().code()));
      wrong.update(1, UTF8String.fromString(cause.column()));
      wrong.update(2, UTF8String.fromString(value));
      file.write(both.apply(kept, wrong));
    }
  }
}
