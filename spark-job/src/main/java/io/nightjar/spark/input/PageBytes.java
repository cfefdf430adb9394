package io.nightjar.spark.input;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.io.ParquetDecodingException;

/** Bytes of a page, which lie anywhere in an array. */
final class PageBytes {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] array;
  private final int from;
  private final int to;

  /** Bytes {@code [from, to)} of {@code array}, which is not copied. */
  PageBytes(byte[] array, int from, int to) {
    this.array = array;
    this.from = from;
    this.to = to;
  }

  /** All of {@code bytes}, copied only if they are not on the heap. */
  static PageBytes of(BytesInput bytes) throws IOException {
    ByteBuffer buffer = bytes.toByteBuffer(HeapByteBufferAllocator.getInstance(), taken -> {});
    if (buffer.hasArray()) {
      int from = buffer.arrayOffset() + buffer.position();
      return new PageBytes(buffer.array(), from, from + buffer.remaining());
    }
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(copy);
    return new PageBytes(copy, 0, copy.length);
  }

  /** Where they are. */
  byte[] array() {
    return array;
  }

  /** The first of them. */
  int from() {
    return from;
  }

  /** Behind the last of them. */
  int to() {
    return to;
  }

  /** How many. */
  int size() {
    return to - from;
  }

  /** The same in an array of their own, so that what lies behind them is not there. */
  byte[] copy() {
    return Arrays.copyOfRange(array, from, to);
  }

  /** Levels that begin here: their size in four bytes, and they. */
  PageBytes sized() {
    int first = from + Integer.BYTES;
    int size = first <= to ? (int) INTS.get(array, from) : -1;
    if (size < 0 || size > to - first) {
      throw new ParquetDecodingException(
          "Invalid size of levels: " + size + " bytes, expected 0 to " + Math.max(0, to - first));
    }
    return new PageBytes(array, first, first + size);
  }

  /** What lies behind {@code part}. */
  PageBytes behind(PageBytes part) {
    return new PageBytes(array, part.to, to);
  }
}
