package io.nightjar.spark.input;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.io.ParquetDecodingException;

/**
 * Reads Parquet's hybrid of runs: small numbers, either one of them many times or groups of eight,
 * packed by bits. Levels and entries of dictionaries are written so. Not thread-safe.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/encodings/">Encodings</a>
 */
final class RunDecoder {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A packed number of this many bits lies in eight bytes, wherever in a byte it begins. */
  private static final int WIDEST = 32;

  private byte[] bytes = new byte[0];
  private int at;
  private int end;
  private int width;

  /** Numbers left of the run. */
  private int left;

  private boolean isRepeated;
  private int repeated;

  /** Where the next packed number begins, in bits. */
  private long bit;

  /**
   * Begins with {@code runs}.
   *
   * @param width bits of a number; with none each is 0, and nothing is written
   */
  void start(PageBytes runs, int width) {
    if (width < 0 || width > WIDEST) {
      throw new ParquetDecodingException(
          "Invalid width of packed numbers: " + width + " bits, expected 0 to " + WIDEST);
    }
    this.bytes = runs.array();
    this.at = runs.from();
    this.end = runs.to();
    this.width = width;
    this.left = width == 0 ? Integer.MAX_VALUE : 0;
    this.isRepeated = true;
    this.repeated = 0;
  }

  /** Whether a run gives {@code number} at least {@code count} times more; if so they are read. */
  boolean skip(int number, int count) {
    if (left == 0) {
      nextRun();
    }
    if (!isRepeated || repeated != number || left < count) {
      return false;
    }
    take(count);
    return true;
  }

  /** Reads the next {@code count} numbers. */
  void read(int[] out, int count) {
    int done = 0;
    while (done < count) {
      if (left == 0) {
        nextRun();
      }
      int some = Math.min(left, count - done);
      if (isRepeated) {
        Arrays.fill(out, done, done + some, repeated);
      } else {
        unpack(out, done, some);
      }
      take(some);
      done += some;
    }
  }

  private void take(int count) {
    if (width > 0) {
      left -= count;
    }
  }

  private void nextRun() {
    int header = 0;
    int shift = 0;
    int next;
    do {
      next = nextByte();
      header |= (next & 0x7F) << shift;
      shift += 7;
    } while (next >= 0x80 && shift < Integer.SIZE);
    left = header >>> 1;
    isRepeated = (header & 1) == 0;
    if (isRepeated) {
      repeated = 0;
      for (int i = 0; i < width; i += Byte.SIZE) {
        repeated |= nextByte() << i;
      }
    } else {
      bit = (long) at * Byte.SIZE;
      // The last group of a page need not be written to its end.
      at = (int) Math.min(end, at + (long) left * width);
      left = Math.multiplyExact(left, Byte.SIZE);
    }
    if (left == 0) {
      throw new ParquetDecodingException("Cannot read a run of no numbers");
    }
  }

  private int nextByte() {
    if (at >= end) {
      throw new ParquetDecodingException("Cannot read a run behind the end of its page");
    }
    return bytes[at++] & 0xFF;
  }

  private void unpack(int[] out, int from, int count) {
    long mask = (1L << width) - 1;
    // Those that eight bytes can be loaded for without looking behind the array.
    long loadable = ((bytes.length - Long.BYTES + 1L) * Byte.SIZE - bit + width - 1) / width;
    int fast = (int) Math.max(0, Math.min(count, loadable));
    long next = bit;
    for (int i = 0; i < fast; i++) {
      long word = (long) LONGS.get(bytes, (int) (next >>> 3));
      out[from + i] = (int) ((word >>> (next & 7)) & mask);
      next += width;
    }
    for (int i = fast; i < count; i++) {
      out[from + i] = (int) ((lastBytes((int) (next >>> 3)) >>> (next & 7)) & mask);
      next += width;
    }
    bit = next;
  }

  /** Eight bytes, of which those behind the runs are 0. */
  private long lastBytes(int first) {
    long word = 0;
    for (int i = 0; i < Long.BYTES && first + i < end; i++) {
      word |= (bytes[first + i] & 0xFFL) << (i * Byte.SIZE);
    }
    return word;
  }
}
