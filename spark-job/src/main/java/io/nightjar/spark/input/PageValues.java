package io.nightjar.spark.input;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;

/** The values of a page that are there, in their order. */
sealed interface PageValues {

  /** Reads the next {@code count}, as bytes, to the begin of {@code out}. */
  void read(int count, byte[] out);

  /**
   * Puts the next {@code count} into rows of {@code vector}.
   *
   * @param scratch room for them
   */
  void put(int count, WritableColumnVector vector, int row, byte[] scratch);

  /** As they are, one after another (PLAIN). */
  final class Plain implements PageValues {
    private final NumberType type;
    private final PageBytes bytes;
    private int at;

    Plain(NumberType type, PageBytes bytes) {
      this.type = type;
      this.bytes = bytes;
      this.at = bytes.from();
    }

    @Override
    public void read(int count, byte[] out) {
      System.arraycopy(bytes.array(), take(count), out, 0, count * type.width());
    }

    @Override
    public void put(int count, WritableColumnVector vector, int row, byte[] scratch) {
      type.put(vector, row, count, bytes.array(), take(count));
    }

    private int take(int count) {
      int from = at;
      if (count > (bytes.to() - from) / type.width()) {
        throw new ParquetDecodingException(
            "Cannot read "
                + count
                + " values of a page that has "
                + (bytes.to() - from)
                + " bytes left");
      }
      at += count * type.width();
      return from;
    }
  }

  /** By their place in a dictionary (PLAIN_DICTIONARY, RLE_DICTIONARY). */
  final class InDictionary implements PageValues {
    private final NumberType type;
    private final byte[] dictionary;
    private final RunDecoder entries = new RunDecoder();
    private int[] read = new int[0];

    /**
     * Entries, before which a byte says how many bits they have.
     *
     * @param dictionary its values as they are
     */
    InDictionary(NumberType type, byte[] dictionary, PageBytes bytes) {
      this.type = type;
      this.dictionary = dictionary;
      if (bytes.size() > 0) { // else no value is there
        int from = bytes.from();
        PageBytes runs = new PageBytes(bytes.array(), from + 1, bytes.to());
        entries.start(runs, bytes.array()[from]);
      }
    }

    @Override
    public void read(int count, byte[] out) {
      if (read.length < count) {
        read = new int[count];
      }
      entries.read(read, count);
      type.lookUp(dictionary, read, count, out);
    }

    @Override
    public void put(int count, WritableColumnVector vector, int row, byte[] scratch) {
      read(count, scratch);
      type.put(vector, row, count, scratch, 0);
    }
  }

  /** In any other of Parquet's ways, by its own reader, value by value. */
  final class Others implements PageValues {
    private final NumberType type;
    private final ValuesReader reader;

    /**
     * Begins with {@code bytes}.
     *
     * @param levels of the page, those of absent values among them
     */
    Others(NumberType type, ValuesReader reader, int levels, PageBytes bytes) throws IOException {
      this.type = type;
      this.reader = reader;
      ByteBuffer values = ByteBuffer.wrap(bytes.array(), bytes.from(), bytes.size());
      reader.initFromPage(levels, ByteBufferInputStream.wrap(values));
    }

    @Override
    public void read(int count, byte[] out) {
      for (int i = 0; i < count; i++) {
        type.read(reader, out, i * type.width());
      }
    }

    @Override
    public void put(int count, WritableColumnVector vector, int row, byte[] scratch) {
      read(count, scratch);
      type.put(vector, row, count, scratch, 0);
    }
  }
}
