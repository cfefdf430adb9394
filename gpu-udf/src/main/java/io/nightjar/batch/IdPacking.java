package io.nightjar.batch;

/**
 * Packs ids, eight at a time, into as many longs as an id has bytes.
 *
 * <p>Each method gives all bits that any of the ids has, so that whether all fit is asked once, and
 * is one plain loop, as the virtual machine compiles it best.
 */
final class IdPacking {
  /** Ids that fill whole longs, of any width. */
  static final int EIGHT = 8;

  private IdPacking() {}

  static long pack1(long[] ids, int from, int eights, long[] words) {
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

  static long pack2(long[] ids, int from, int eights, long[] words) {
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

  static long pack3(long[] ids, int from, int eights, long[] words) {
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

  static long pack4(long[] ids, int from, int eights, long[] words) {
    long bits = 0;
    for (int i = 0; i < 4 * eights; i++) {
      long a = ids[from + 2 * i];
      long b = ids[from + 2 * i + 1];
      bits |= a | b;
      words[i] = a | b << 32;
    }
    return bits;
  }
}
