package io.nightjar.spark.executor;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Remainders by one divisor without dividing: {@code Math.floorMod} of 64 bits divides, and that
 * costs several times the hash before it.
 *
 * <p>With 2ˢ ≤ divisor < 2ˢ⁺¹ and {@code reciprocal} = ⌊(2⁶³⁺ˢ − 1) / divisor⌋, which has 63 bits,
 * n · reciprocal / 2⁶³⁺ˢ is n / divisor but for 2⁻ˢ, for every n. So its floor is off by one at
 * most, downwards for n ≥ 0 and upwards for n < 0.
 */
final class Modulus {
  private final long divisor;
  private final long reciprocal;
  private final int shift;

  /**
   * Prepares a divisor.
   *
   * @param divisor from 1 to 2⁶²
   */
  Modulus(long divisor) {
    int bits = Long.SIZE - 1 - Long.numberOfLeadingZeros(divisor);
    this.divisor = divisor;
    this.shift = bits - 1; // the high half of the product is 2^64 less already
    this.reciprocal =
        BigInteger.ONE
            .shiftLeft(Long.SIZE - 1 + bits)
            .subtract(BigInteger.ONE)
            .divide(BigInteger.valueOf(divisor))
            .longValueExact();
  }

  /** {@code Math.floorMod(value, divisor)}. */
  long of(long value) {
    return divisor == 1 ? 0 : corrected(rough(value));
  }

  /** Takes {@code values[0 .. count)} modulo the divisor; two plain loops are faster than one. */
  void of(long[] values, int count) {
    if (divisor == 1) {
      Arrays.fill(values, 0, count, 0);
      return;
    }
    for (int i = 0; i < count; i++) {
      values[i] = rough(values[i]);
    }
    for (int i = 0; i < count; i++) {
      values[i] = corrected(values[i]);
    }
  }

  /** The remainder, or that and one divisor more or less. */
  private long rough(long value) {
    return value - (Math.multiplyHigh(value, reciprocal) >> shift) * divisor;
  }

  private long corrected(long rough) {
    long atLeastZero = rough + (rough >> 63 & divisor);
    long remainder = atLeastZero - divisor;
    return remainder + (remainder >> 63 & divisor);
  }
}
