package io.nightjar.model;

/** Sixteen-bit floating point numbers; every one of them is a float. */
final class HalfFloats {
  private HalfFloats() {}

  /** bfloat16: the upper half of a float. */
  static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** IEEE 754 binary16. */
  static float fromFp16(short bits) {
    int magnitude = (bits & 0x7fff) << 13;
    if (magnitude >= 0x7c00 << 13) { // infinity or NaN
      return Float.intBitsToFloat((bits & 0x8000) << 16 | 0x7f800000 | magnitude);
    }
    // The exponent's bias is 15 there and 127 here. The product also makes subnormals normal.
    float value = Float.intBitsToFloat(magnitude) * 0x1p112f;
    return Float.intBitsToFloat((bits & 0x8000) << 16 | Float.floatToRawIntBits(value));
  }
}
