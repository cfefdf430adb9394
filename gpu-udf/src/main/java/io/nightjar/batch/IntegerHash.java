package io.nightjar.batch;

/**
 * What Spark's {@code xxhash64} makes of integers. Steps and constants are those of Yann Collet's
 * XXH64 for inputs of 4 and 8 bytes.
 *
 * <p>Of many, in loops that are short enough to be compiled to vector instructions: the virtual
 * machine does not unroll one that holds all the steps, and a value then takes ten times as long.
 */
public final class IntegerHash {
  /** The seed of Spark's {@code xxhash64}. */
  public static final long SEED = 42L;

  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;

  private IntegerHash() {}

  /** The row id of an {@code int} that is hashed into {@code rows} rows, at least 1. */
  static int rowId(int value, int rows) {
    long hash = (SEED + PRIME_5 + Integer.BYTES) ^ (Integer.toUnsignedLong(value) * PRIME_1);
    hash = Long.rotateLeft(hash, 23) * PRIME_2 + PRIME_3;
    hash = (hash ^ hash >>> 33) * PRIME_2;
    hash = (hash ^ hash >>> 29) * PRIME_3;
    return Math.floorMod(hash ^ hash >>> 32, rows);
  }

  /** Replaces {@code values[0 .. count)} by the hashes of their lower 32 bits. */
  public static void ofInts(long[] values, int count, long seed) {
    long start = seed + PRIME_5 + Integer.BYTES;
    for (int i = 0; i < count; i++) {
      long hash = start ^ ((values[i] & 0xFFFFFFFFL) * PRIME_1);
      values[i] = (hash << 23 | hash >>> 41) * PRIME_2 + PRIME_3;
    }
    mix(values, count);
  }

  /** Replaces {@code values[0 .. count)} by their hashes. */
  public static void ofLongs(long[] values, int count, long seed) {
    long start = seed + PRIME_5 + Long.BYTES;
    for (int i = 0; i < count; i++) {
      long product = values[i] * PRIME_2;
      long hash = start ^ ((product << 31 | product >>> 33) * PRIME_1);
      values[i] = (hash << 27 | hash >>> 37) * PRIME_1 + PRIME_4;
    }
    mix(values, count);
  }

  private static void mix(long[] values, int count) {
    for (int i = 0; i < count; i++) {
      long hash = values[i];
      hash = (hash ^ hash >>> 33) * PRIME_2;
      hash = (hash ^ hash >>> 29) * PRIME_3;
      values[i] = hash ^ hash >>> 32;
    }
  }
}
