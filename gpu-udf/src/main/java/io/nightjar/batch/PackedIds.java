package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Ids in {@code [0, limit)}, each in as few bytes as the limit needs: 1, 2, 3 or 4, little-endian,
 * one after another. Ids are most of what a device is sent.
 *
 * <p>Whoever puts ids in has checked them. One that does not fit the bytes is kept as all ones, an
 * id that no table has, so that scoring refuses it. Not thread-safe.
 */
public final class PackedIds implements AutoCloseable {
  /**
   * Ids that are packed together before they are copied, so that they stay in the nearest cache.
   */
  private static final int BLOCK = 1024;

  /** Ids that fill whole longs, of any width. */
  private static final int EIGHT = 8;

  private final HostMemory memory;
  private final int idBytes;
  private final int mostBits;
  private final long[] words;
  private long[] wide = new long[0];
  private ByteBuffer bytes;

  /**
   * Allocates room for {@code capacity} ids.
   *
   * @param limit ids lie below it, at least 1
   */
  PackedIds(int limit, int capacity, HostMemory memory) {
    this.memory = memory;
    this.idBytes = idBytes(limit);
    this.mostBits = Math.min(Byte.SIZE * idBytes, Integer.SIZE - 1);
    this.words = new long[BLOCK / EIGHT * idBytes];
    this.bytes = allocate(capacity);
  }

  /** Bytes an id: all ones is no id, so that {@code limit} itself must fit. */
  public static int idBytes(int limit) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(limit);
    return Math.max(1, (bits + Byte.SIZE - 1) / Byte.SIZE);
  }

  /** Bytes an id of these. */
  public int idBytes() {
    return idBytes;
  }

  /** Ids there is room for. */
  public int capacity() {
    return bytes.capacity() / idBytes;
  }

  /** The ids as they lie; replaced by {@link #ensure}. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /**
   * Makes room for {@code count} ids in all, keeping those that are there.
   *
   * @throws IllegalArgumentException if they do not fit one buffer (2 GiB)
   */
  public void ensure(long count) {
    if (count <= capacity()) {
      return;
    }
    long limit = Integer.MAX_VALUE / idBytes;
    if (count > limit) {
      throw new IllegalArgumentException(
          ("Cannot hold %d row ids of one feature in one batch: at most %d of %d bytes fit;"
                  + " lower the batch size")
              .formatted(count, limit, idBytes));
    }
    ByteBuffer grown = allocate((int) Math.min(limit, Math.max(count, capacity() * 3L / 2)));
    grown.put(0, bytes, 0, bytes.capacity());
    memory.free(bytes);
    bytes = grown;
  }

  /** Puts {@code count} ids, {@code ids[from]} and those after it, from position {@code at} on. */
  public void put(int at, int[] ids, int from, int count) {
    if (wide.length == 0) {
      wide = new long[BLOCK];
    }
    for (int done = 0; done < count; done += BLOCK) {
      int part = Math.min(BLOCK, count - done);
      for (int i = 0; i < part; i++) {
        wide[i] = ids[from + done + i];
      }
      putBlock(at + done, wide, 0, part);
    }
  }

  /** Puts {@code count} ids, {@code ids[from]} and those after it, from position {@code at} on. */
  public void put(int at, long[] ids, int from, int count) {
    for (int done = 0; done < count; done += BLOCK) {
      putBlock(at + done, ids, from + done, Math.min(BLOCK, count - done));
    }
  }

  /** Puts one id. */
  public void put(int at, int id) {
    putOne(at, id);
  }

  private void putOne(int at, long id) {
    boolean fits = idBytes == Integer.BYTES ? (int) id == id : id >>> mostBits == 0;
    long fitting = fits ? id : -1;
    for (int b = 0; b < idBytes; b++) {
      bytes.put(at * idBytes + b, (byte) (fitting >>> (Byte.SIZE * b)));
    }
  }

  /** The id at a position; -1, or with 4 bytes whatever was put, where none that fits was. */
  public int get(int at) {
    return switch (idBytes) {
      case 1 -> orNone(bytes.get(at) & 0xff);
      case 2 -> orNone(bytes.getShort(2 * at) & 0xffff);
      case 3 -> orNone((bytes.getShort(3 * at) & 0xffff) | ((bytes.get(3 * at + 2) & 0xff) << 16));
      default -> bytes.getInt(4 * at);
    };
  }

  /** Puts ids eight at a time, which are as many longs as an id has bytes; the rest one by one. */
  private void putBlock(int at, long[] ids, int from, int count) {
    int eights = count / EIGHT;
    long bits =
        switch (idBytes) {
          case 1 -> pack1(ids, from, eights, words);
          case 2 -> pack2(ids, from, eights, words);
          case 3 -> pack3(ids, from, eights, words);
          default -> pack4(ids, from, eights, words);
        };
    int packed = bits >>> mostBits == 0 ? EIGHT * eights : 0;
    if (packed > 0) {
      bytes
          .slice(at * idBytes, packed * idBytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asLongBuffer()
          .put(0, words, 0, eights * idBytes);
    }
    for (int i = packed; i < count; i++) {
      putOne(at + i, ids[from + i]);
    }
  }

  // Each packs ids into words, and gives all bits that any of them has: whether all fit is asked
  // once. Methods of their own, so that each is compiled to a plain loop.

  private static long pack1(long[] ids, int from, int eights, long[] words) {
    long bits = 0;
    for (int i = 0; i < eights; i++) {
      long word = 0;
      for (int b = 0; b < EIGHT; b++) {
        bits |= ids[from + 8 * i + b];
        word |= ids[from + 8 * i + b] << (Byte.SIZE * b);
      }
      words[i] = word;
    }
    return bits;
  }

  private static long pack2(long[] ids, int from, int eights, long[] words) {
    long bits = 0;
    for (int i = 0; i < 2 * eights; i++) {
      long a = ids[from + 4 * i];
      long b = ids[from + 4 * i + 1];
      long c = ids[from + 4 * i + 2];
      long d = ids[from + 4 * i + 3];
      bits |= a | b | c | d;
      words[i] = a | b << 16 | c << 32 | d << 48;
    }
    return bits;
  }

  private static long pack3(long[] ids, int from, int eights, long[] words) {
    long bits = 0;
    for (int i = 0; i < eights; i++) {
      long a = ids[from + 8 * i];
      long b = ids[from + 8 * i + 1];
      long c = ids[from + 8 * i + 2];
      long d = ids[from + 8 * i + 3];
      long e = ids[from + 8 * i + 4];
      long f = ids[from + 8 * i + 5];
      long g = ids[from + 8 * i + 6];
      long h = ids[from + 8 * i + 7];
      bits |= a | b | c | d | e | f | g | h;
      words[3 * i] = a | b << 24 | c << 48;
      words[3 * i + 1] = c >>> 16 | d << 8 | e << 32 | f << 56;
      words[3 * i + 2] = f >>> 8 | g << 16 | h << 40;
    }
    return bits;
  }

  private static long pack4(long[] ids, int from, int eights, long[] words) {
    long bits = 0;
    for (int i = 0; i < 4 * eights; i++) {
      long a = ids[from + 2 * i];
      long b = ids[from + 2 * i + 1];
      bits |= a | b;
      words[i] = a | b << 32;
    }
    return bits;
  }

  private int orNone(int id) {
    return id == (1 << (Byte.SIZE * idBytes)) - 1 ? -1 : id;
  }

  private ByteBuffer allocate(int count) {
    return memory.allocate(Math.multiplyExact(count, idBytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    memory.free(bytes);
  }
}
