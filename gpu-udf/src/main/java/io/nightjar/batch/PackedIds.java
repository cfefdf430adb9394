package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Ids in {@code [0, limit)}, each in as few bytes as the limit needs: 1, 2, 3 or 4, little-endian,
 * one after another. Ids are most of what a device is sent.
 *
 * <p>Whoever puts ids in has checked them. One that does not fit the bytes is kept as all ones, an
 * id that no table has, so that scoring refuses it.
 *
 * <p>Or values, of which {@linkplain #hash hashes} are the ids: any {@code int}s, which then take
 * four bytes each, and which whoever scores hashes. A device does that for next to nothing. Not
 * thread-safe.
 */
public final class PackedIds implements AutoCloseable {
  /**
   * Ids that are packed together before they are copied, so that they stay in the nearest cache.
   */
  private static final int BLOCK = 1024;

  private final HostMemory memory;
  private final int limit;
  private final int narrowest;
  private final int leastCapacity;
  private final int mostBits;
  private final long[] words;
  private long[] wide = new long[0];
  private int[] narrow = new int[0];
  private int hashMod;
  private int room;
  private ByteBuffer bytes;

  /**
   * Allocates room for {@code capacity} ids.
   *
   * @param limit ids lie below it, at least 1
   */
  PackedIds(int limit, int capacity, HostMemory memory) {
    this.memory = memory;
    this.limit = limit;
    this.narrowest = idBytes(limit);
    this.leastCapacity = capacity;
    this.mostBits = Math.min(Byte.SIZE * narrowest, Integer.SIZE - 1);
    this.words = new long[BLOCK / IdPacking.EIGHT * narrowest];
    // Of any width, so that values fit, too.
    this.bytes = allocate(Math.multiplyExact(capacity, Integer.BYTES));
    this.room = capacity;
  }

  /** Bytes an id: all ones is no id, so that {@code limit} itself must fit. */
  public static int idBytes(int limit) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(limit);
    return Math.max(1, (bits + Byte.SIZE - 1) / Byte.SIZE);
  }

  /** Bytes an id of these, or a value. */
  public int idBytes() {
    return hashMod > 0 ? Integer.BYTES : narrowest;
  }

  /** Ids, or values, there is room for. */
  public int capacity() {
    return room;
  }

  /**
   * From now on what is put are values: the id of one is Spark's {@code xxhash64} of it as an
   * {@code int}, modulo {@code rows}. What was put before is lost.
   *
   * @param rows 1 to the limit of these ids; 0: from now on what is put are ids
   */
  public void hash(int rows) {
    if (rows < 0 || rows > limit) {
      throw new IllegalArgumentException(
          "Invalid number of rows to hash into: %d, expected 0 to %d".formatted(rows, limit));
    }
    hashMod = rows;
    room = leastCapacity;
  }

  /** How many rows values are hashed into; 0: there are ids, and no values. */
  public int hashMod() {
    return hashMod;
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
    if (count <= room) {
      return;
    }
    long most = Integer.MAX_VALUE / idBytes();
    if (count > most) {
      throw new IllegalArgumentException(
          ("Cannot hold %d row ids of one feature in one batch: at most %d of %d bytes fit;"
                  + " lower the batch size")
              .formatted(count, most, idBytes()));
    }
    if (count * idBytes() > bytes.capacity()) {
      long grownTo = Math.min(most, Math.max(count, room * 3L / 2));
      ByteBuffer grown = allocate((int) grownTo * idBytes());
      grown.put(0, bytes, 0, bytes.capacity());
      memory.free(bytes);
      bytes = grown;
    }
    room = bytes.capacity() / idBytes();
  }

  /**
   * Puts {@code count} ids, or values, {@code ids[from]} and those after it, from position {@code
   * at} on.
   */
  public void put(int at, int[] ids, int from, int count) {
    if (hashMod > 0) {
      bytes.asIntBuffer().put(at, ids, from, count);
      return;
    }
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

  /**
   * Puts {@code count} ids, {@code ids[from]} and those after it, from position {@code at} on; of
   * values the lower 32 bits.
   */
  public void put(int at, long[] ids, int from, int count) {
    for (int done = 0; done < count; done += BLOCK) {
      putBlock(at + done, ids, from + done, Math.min(BLOCK, count - done));
    }
  }

  /** Puts one id, or value. */
  public void put(int at, int id) {
    putOne(at, id);
  }

  private void putOne(int at, long id) {
    int idBytes = idBytes();
    boolean fits = idBytes == Integer.BYTES ? (int) id == id : id >>> mostBits == 0;
    long fitting = fits ? id : -1;
    for (int b = 0; b < idBytes; b++) {
      bytes.put(at * idBytes + b, (byte) (fitting >>> (Byte.SIZE * b)));
    }
  }

  /**
   * The id at a position, hashed where there are values; -1, or with 4 bytes whatever was put,
   * where none that fits was.
   */
  public int get(int at) {
    if (hashMod > 0) {
      return IntegerHash.rowId(bytes.getInt(Integer.BYTES * at), hashMod);
    }
    return switch (narrowest) {
      case 1 -> orNone(bytes.get(at) & 0xff);
      case 2 -> orNone(bytes.getShort(2 * at) & 0xffff);
      case 3 -> orNone((bytes.getShort(3 * at) & 0xffff) | ((bytes.get(3 * at + 2) & 0xff) << 16));
      default -> bytes.getInt(4 * at);
    };
  }

  /** Puts ids eight at a time, which are as many longs as an id has bytes; the rest one by one. */
  private void putBlock(int at, long[] ids, int from, int count) {
    if (hashMod > 0) {
      putValues(at, ids, from, count);
      return;
    }
    int idBytes = narrowest;
    int eights = count / IdPacking.EIGHT;
    long bits =
        switch (idBytes) {
          case 1 -> IdPacking.pack1(ids, from, eights, words);
          case 2 -> IdPacking.pack2(ids, from, eights, words);
          case 3 -> IdPacking.pack3(ids, from, eights, words);
          default -> IdPacking.pack4(ids, from, eights, words);
        };
    int packed = bits >>> mostBits == 0 ? IdPacking.EIGHT * eights : 0;
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

  private void putValues(int at, long[] values, int from, int count) {
    if (narrow.length == 0) {
      narrow = new int[BLOCK];
    }
    for (int i = 0; i < count; i++) {
      narrow[i] = (int) values[from + i];
    }
    bytes.asIntBuffer().put(at, narrow, 0, count);
  }

  private int orNone(int id) {
    return id == (1 << (Byte.SIZE * narrowest)) - 1 ? -1 : id;
  }

  private ByteBuffer allocate(int size) {
    return memory.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    memory.free(bytes);
  }
}
