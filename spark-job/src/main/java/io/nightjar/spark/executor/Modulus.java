package io.nightjar.spark.executor;

/**
 * Remainders by one divisor without dividing: {@code Math.floorMod} of 64 bits divides, and that
 * costs several times the hash before it.
 *
 * <p>With {@code reciprocal} = ⌊(2⁶⁴ − 1) / divisor⌋, the high half of n · reciprocal is ⌊n /
 * divisor⌋ or one less, for every unsigned n.
 */
final class Modulus {
  private final long divisor;
  private final long reciprocal;
  private final long offset;

  /**
   * Prepares a divisor.
   *
   * @param divisor from 1 to 2⁶²
   */
  Modulus(long divisor) {
    this.divisor = divisor;
    this.reciprocal = Long.divideUnsigned(-1L, divisor);
    this.offset = Long.remainderUnsigned(Long.MIN_VALUE, divisor);
  }

  /** {@code Math.floorMod(value, divisor)}. */
  long of(long value) {
    // value + 2^63, which is not negative; the remainder of 2^63 is taken off again below.
    long shifted = value ^ Long.MIN_VALUE;
    long quotient =
        Math.multiplyHigh(shifted, reciprocal)
            + (shifted >> 63 & reciprocal)
            + (reciprocal >> 63 & shifted);
    long remainder = shifted - quotient * divisor;
    remainder -= divisor;
    remainder += remainder >> 63 & divisor;
    remainder -= offset;
    return remainder + (remainder >> 63 & divisor);
  }
}
