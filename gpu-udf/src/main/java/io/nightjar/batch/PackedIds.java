package io.nightjar.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Ids in {@code [0, limit)}, each in as few bytes as the limit needs: 1, 2, 3 or 4, little-endian,
 * one after another. Ids are most of what a device is sent.
 *
 * <p>Whoever puts ids in has checked them. One that does not fit the bytes is kept as all ones, an
 * id that no table has, so that scoring refuses it. Not thread-safe.
 */
public final class PackedIds implements AutoCloseable {
  private static final int BLOCK = 1024;

  private final HostMemory memory;
  private final int idBytes;
  private final byte[] block;
  private final int[] words;
  private ByteBuffer bytes;
  private IntBuffer ints;

  /**
   * Allocates room for {@code capacity} ids.
   *
   * @param limit ids lie below it, at least 1
   */
  PackedIds(int limit, int capacity, HostMemory memory) {
    this.memory = memory;
    this.idBytes = idBytes(limit);
    this.block = new byte[idBytes <= 2 ? BLOCK * idBytes : 0];
    this.words = new int[idBytes == 3 ? BLOCK / 4 * 3 : 0];
    use(allocate(capacity));
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
    use(grown);
  }

  /** Puts {@code count} ids, {@code ids[from]} and those after it, from position {@code at} on. */
  public void put(int at, int[] ids, int from, int count) {
    if (idBytes == Integer.BYTES) {
      ints.put(at, ids, from, count);
      return;
    }
    for (int done = 0; done < count; done += BLOCK) {
      int part = Math.min(BLOCK, count - done);
      if (idBytes == 3) {
        putTriples(at + done, ids, from + done, part);
      } else {
        pack(ids, from + done, part);
        bytes.put((at + done) * idBytes, block, 0, part * idBytes);
      }
    }
  }

  /** Puts one id. */
  public void put(int at, int id) {
    int fitting = fitting(id);
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
      default -> ints.get(at);
    };
  }

  /** Packs into the block. A loop for each width, so that each is a plain one. */
  private void pack(int[] ids, int from, int count) {
    switch (idBytes) {
      case 1 -> {
        for (int i = 0; i < count; i++) {
          block[i] = (byte) fitting(ids[from + i]);
        }
      }
      case 2 -> {
        for (int i = 0; i < count; i++) {
          int id = fitting(ids[from + i]);
          block[2 * i] = (byte) id;
          block[2 * i + 1] = (byte) (id >>> 8);
        }
      }
      default -> throw new AssertionError("ids of " + idBytes + " bytes");
    }
  }

  /**
   * Of three bytes each, four ids are three ints, and written so they take a fraction of the time,
   * the more so where all of them fit and that is asked once.
   */
  private void putTriples(int at, int[] ids, int from, int count) {
    int bits = 0;
    for (int i = 0; i < count; i++) {
      bits |= ids[from + i];
    }
    int whole = bits >>> 24 == 0 ? count / 4 * 4 : 0;
    for (int i = 0, word = 0; i < whole; i += 4, word += 3) {
      int two = ids[from + i + 1];
      int three = ids[from + i + 2];
      words[word] = ids[from + i] | two << 24;
      words[word + 1] = two >>> 8 | three << 16;
      words[word + 2] = three >>> 16 | ids[from + i + 3] << 8;
    }
    if (at % 4 == 0) {
      ints.put(at / 4 * 3, words, 0, whole / 4 * 3);
    } else {
      bytes
          .slice(3 * at, 3 * whole)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asIntBuffer()
          .put(words, 0, whole / 4 * 3);
    }
    for (int i = whole; i < count; i++) {
      put(at + i, ids[from + i]);
    }
  }

  private int fitting(int id) {
    return idBytes == Integer.BYTES || id >>> (Byte.SIZE * idBytes) == 0 ? id : -1;
  }

  private int orNone(int id) {
    return id == (1 << (Byte.SIZE * idBytes)) - 1 ? -1 : id;
  }

  private ByteBuffer allocate(int count) {
    return memory.allocate(Math.multiplyExact(count, idBytes));
  }

  private void use(ByteBuffer buffer) {
    bytes = buffer.order(ByteOrder.LITTLE_ENDIAN);
    ints = bytes.asIntBuffer();
  }

  @Override
  public void close() {
    memory.free(bytes);
  }
}
