package io.nightjar.testing;

/** IEEE 754 binary16, written from its definition, for tests. */
public final class Fp16 {
  private Fp16() {}

  /** The value of {@code bits}. */
  public static double value(int bits) {
    double sign = (bits & 0x8000) == 0 ? 1 : -1;
    int exponent = (bits >>> 10) & 0x1f;
    double fraction = (bits & 0x3ff) / 1024.0;
    if (exponent == 31) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * 0x1p-14
        : sign * (1 + fraction) * StrictMath.pow(2, exponent - 15.0);
  }

  /** The bits of {@code value}, cut towards zero; within the range of normal numbers, or zero. */
  public static int bits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
    if (exponent <= 0) {
      return (bits >>> 16) & 0x8000;
    }
    if (exponent > 30) {
      throw new IllegalArgumentException("Invalid fp16: " + value);
    }
    return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
  }
}
