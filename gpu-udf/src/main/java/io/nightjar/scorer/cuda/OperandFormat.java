package io.nightjar.scorer.cuda;

import io.nightjar.model.DType;
import io.nightjar.scorer.Precision;

/**
 * How a precision keeps vectors and the operands of linear layers, which are scaled by powers of
 * two; the kernels' operand.cuh.
 */
enum OperandFormat {
  /** Vectors in bfloat16, an operand's element as one fp16 number. */
  F16("bf16", 1, DType.BF16, 1),
  /** Vectors in fp32, an operand's element as the sum of two fp16 numbers. */
  SPLIT_F16("f32", 2, DType.F32, 64);

  static final int TILE_ROWS = 128;
  static final int TILE_COLUMNS = 64;
  static final int CHUNK = 8;
  private static final int TILE_BYTES = TILE_ROWS * TILE_COLUMNS * Short.BYTES;

  private final String suffix;
  private final int tiles;
  private final DType vectorType;
  private final float largestScale;

  OperandFormat(String suffix, int tiles, DType vectorType, float largestScale) {
    this.suffix = suffix;
    this.tiles = tiles;
    this.vectorType = vectorType;
    this.largestScale = largestScale;
  }

  static OperandFormat of(Precision precision) {
    return switch (precision) {
      case FP32 -> SPLIT_F16;
      case BF16 -> F16;
    };
  }

  /** The last part of the names of its kernels. */
  String suffix() {
    return suffix;
  }

  /** Type of the vectors that meet in the interaction. */
  DType vectorType() {
    return vectorType;
  }

  /**
   * The scale of activations unless one of them is too large for it: small elements, and the low
   * parts of large ones, then lie above what fp16 can tell from zero.
   */
  float largestScale() {
    return largestScale;
  }

  /** Size of an operand. */
  long bytes(long rows, int columns) {
    return divideUp(rows, TILE_ROWS) * divideUp(columns, TILE_COLUMNS) * tiles * TILE_BYTES;
  }

  /** Chunks of a row of an operand, its padding among them. */
  static int chunks(int columns) {
    return Math.toIntExact(divideUp(columns, TILE_COLUMNS)) * (TILE_COLUMNS / CHUNK);
  }

  /** Elements from one vector to the next: whole pieces of 16 bytes in every type. */
  static int stride(int elements) {
    return Math.toIntExact(divideUp(elements, CHUNK) * CHUNK);
  }

  static long divideUp(long value, long by) {
    return (value + by - 1) / by;
  }
}
