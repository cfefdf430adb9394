package io.nightjar.spark.executor;

import java.math.BigInteger;

/**
 * Remainders by one divisor without dividing: {@code Math.floorMod} of 64 bits divides, and that
 * costs several times the hash before it.
 *
 * <p>One value: with 2ˢ ≤ divisor < 2ˢ⁺¹ and {@code reciprocal} = ⌊(2⁶³⁺ˢ − 1) / divisor⌋, which
 * has 63 bits, n · reciprocal / 2⁶³⁺ˢ is n / divisor but for 2⁻ˢ, for every n. So its floor is off
 * by one at most, downwards for n ≥ 0 and upwards for n < 0.
 *
 * <p>Many values: there is no vector instruction for the high half of a product, so a value is made
 * short enough first that low halves do. With b bits of the divisor and n = high · 2ᵏ + low, where
 * k is half of 64 + b, high · (2ᵏ mod divisor) + low has the remainder of n and fewer than k + 2
 * bits. Of that, as in Barrett's reduction, the upper bits times ⌊2ᵏ⁺⁴ / divisor⌋ give the
 * quotient, less one at most, and all products stay below 2⁶³ for divisors of 11 to 31 bits.
 */
final class Modulus {
  private static final int LEAST_BITS = 11;
  private static final int MOST_BITS = 31;

  private final long divisor;
  private final long reciprocal;
  private final int shift;
  private final boolean folds;
  private final int foldAt;
  private final long folded;
  private final long ofLeast;
  private final int upper;
  private final int quotientAt;
  private final long shortReciprocal;

  /**
   * Prepares a divisor.
   *
   * @param divisor from 1 to 2⁶²
   */
  Modulus(long divisor) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(divisor);
    this.divisor = divisor;
    this.shift = bits - 2; // the high half of the product is 2^64 less already
    this.reciprocal =
        BigInteger.ONE
            .shiftLeft(Long.SIZE - 2 + bits)
            .subtract(BigInteger.ONE)
            .divide(BigInteger.valueOf(divisor))
            .longValueExact();
    this.folds = bits >= LEAST_BITS && bits <= MOST_BITS;
    this.foldAt = (Long.SIZE + bits) / 2;
    this.folded = (1L << foldAt) % divisor;
    this.ofLeast = Math.floorMod(Long.MIN_VALUE, divisor);
    this.upper = bits - 3;
    this.quotientAt = foldAt + 4 - upper;
    this.shortReciprocal = (1L << (foldAt + 4)) / divisor;
  }

  /** {@code Math.floorMod(value, divisor)}. */
  long of(long value) {
    if (divisor == 1) {
      return 0;
    }
    long rough = value - (Math.multiplyHigh(value, reciprocal) >> shift) * divisor;
    long atLeastZero = rough + (rough >> 63 & divisor);
    long remainder = atLeastZero - divisor;
    return remainder + (remainder >> 63 & divisor);
  }

  /** Takes {@code values[0 .. count)} modulo the divisor. */
  void of(long[] values, int count) {
    if (!folds) {
      for (int i = 0; i < count; i++) {
        values[i] = of(values[i]);
      }
      return;
    }
    // Two loops, each short enough to be compiled to vector instructions.
    long low = (1L << foldAt) - 1;
    for (int i = 0; i < count; i++) {
      long fromLeast = values[i] ^ Long.MIN_VALUE;
      values[i] = (fromLeast >>> foldAt) * folded + (fromLeast & low) + ofLeast;
    }
    for (int i = 0; i < count; i++) {
      long quotient = ((values[i] >>> upper) * shortReciprocal) >>> quotientAt;
      long remainder = values[i] - quotient * divisor - divisor;
      values[i] = remainder + (remainder >> 63 & divisor);
    }
  }
}
