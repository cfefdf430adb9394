package io.nightjar.spark.lookup;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.io.CompressionCodec;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import scala.Tuple2;

/**
 * A table as it is sent to the executors: its rows, compressed. An executor makes columns of them
 * once, for all its tasks. Arrays of bytes alone travel, whatever serializer is configured.
 */
public final class SentTable implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[][] parts;
  private transient LookupTable table;

  /**
   * @param parts the rows of the table's partitions, as {@link #part} gives them
   */
  public SentTable(List<byte[]> parts) {
    this.parts = parts.toArray(byte[][]::new);
  }

  /**
   * One partition.
   *
   * @return its rows: their number, and compressed the size and the bytes of each; and the numbers
   *     of their keys, less those that are null
   */
  public static Tuple2<byte[], long[]> part(Iterator<InternalRow> rows, TableSchema schema) {
    UnsafeProjection projection = UnsafeProjection.create(schema.columns());
    LongStream.Builder keys = LongStream.builder();
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    int count = 0;
    try (DataOutputStream out = new DataOutputStream(codec().compressedOutputStream(compressed))) {
      while (rows.hasNext()) {
        UnsafeRow row = projection.apply(rows.next());
        out.writeInt(row.getSizeInBytes());
        row.writeToStream(out, buffer);
        if (!row.isNullAt(schema.ordinal())) {
          keys.add(TableKeys.number(row, schema));
        }
        count++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot compress rows: " + e, e);
    }
    byte[] part =
        ByteBuffer.allocate(Integer.BYTES + compressed.size())
            .putInt(count)
            .put(compressed.toByteArray())
            .array();
    return Tuple2.apply(part, keys.build().toArray());
  }

  /** Number of rows. */
  public long rows() {
    long rows = 0;
    for (byte[] part : parts) {
      rows += count(part);
    }
    return rows;
  }

  /** Size of what is sent. */
  public long bytes() {
    long bytes = 0;
    for (byte[] part : parts) {
      bytes += part.length;
    }
    return bytes;
  }

  /** The table by columns, made when it is first asked for in this process. */
  public synchronized LookupTable table(TableSchema schema) {
    if (table == null) {
      table = LookupTable.of(this, schema);
    }
    return table;
  }

  /**
   * Hands every row to {@code reader}, which may keep none: the next one takes its place.
   *
   * @param columns how many a row has
   */
  void forEachRow(int columns, Consumer<InternalRow> reader) {
    UnsafeRow row = new UnsafeRow(columns);
    byte[] bytes = new byte[0];
    for (byte[] part : parts) {
      ByteArrayInputStream compressed =
          new ByteArrayInputStream(part, Integer.BYTES, part.length - Integer.BYTES);
      try (DataInputStream in = new DataInputStream(codec().compressedInputStream(compressed))) {
        for (int left = count(part); left > 0; left--) {
          int size = in.readInt();
          if (bytes.length < size) {
            bytes = new byte[2 * size];
          }
          in.readFully(bytes, 0, size);
          row.pointTo(bytes, size);
          reader.accept(row);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read rows that were sent: " + e, e);
      }
    }
  }

  private static int count(byte[] part) {
    return ByteBuffer.wrap(part).getInt();
  }

  private static CompressionCodec codec() {
    return CompressionCodec.createCodec(SparkEnv.get().conf());
  }
}
