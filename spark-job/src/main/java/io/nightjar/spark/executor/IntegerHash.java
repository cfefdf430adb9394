package io.nightjar.spark.executor;

import org.apache.spark.sql.catalyst.expressions.XXH64;

/**
 * Spark's {@code xxhash64} ({@link XXH64#hashInt} and {@link XXH64#hashLong}) of many integers.
 *
 * <p>The same steps, in loops that are short enough to be compiled to vector instructions: the
 * virtual machine does not unroll one that holds them all, and a value then takes ten times as
 * long. Steps and constants are those of Yann Collet's XXH64 for inputs of 4 and 8 bytes.
 */
final class IntegerHash {
  private static final long PRIME_1 = 0x9E3779B185EBCA87L;
  private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
  private static final long PRIME_3 = 0x165667B19E3779F9L;
  private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
  private static final long PRIME_5 = 0x27D4EB2F165667C5L;

  private IntegerHash() {}

  /** Replaces {@code values[0 .. count)} by the hashes of their lower 32 bits. */
  static void ofInts(long[] values, int count, long seed) {
    long start = seed + PRIME_5 + Integer.BYTES;
    for (int i = 0; i < count; i++) {
      long hash = start ^ ((values[i] & 0xFFFFFFFFL) * PRIME_1);
      values[i] = (hash << 23 | hash >>> 41) * PRIME_2 + PRIME_3;
    }
    mix(values, count);
  }

  /** Replaces {@code values[0 .. count)} by their hashes. */
  static void ofLongs(long[] values, int count, long seed) {
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
