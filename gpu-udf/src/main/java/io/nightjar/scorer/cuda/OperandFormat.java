package io.nightjar.scorer.cuda;

import io.nightjar.model.DType;
import io.nightjar.scorer.Precision;

/** How a precision keeps vectors and the operands of linear layers; the kernels' operand.cuh. */
enum OperandFormat {
  /** Vectors and operands in bfloat16. */
  BF16("bf16", 1, DType.BF16),
  /** Vectors in fp32, an operand's element as the sum of two fp16 numbers, scaled. */
  SPLIT_F16("f32", 2, DType.F32);

  static final int TILE_ROWS = 128;
  static final int TILE_COLUMNS = 64;
  static final int CHUNK = 8;
  private static final int TILE_BYTES = TILE_ROWS * TILE_COLUMNS * Short.BYTES;

  private final String suffix;
  private final int tiles;
  private final DType vectorType;

  OperandFormat(String suffix, int tiles, DType vectorType) {
    this.suffix = suffix;
    this.tiles = tiles;
    this.vectorType = vectorType;
  }

  static OperandFormat of(Precision precision) {
    return switch (precision) {
      case FP32 -> SPLIT_F16;
      case BF16 -> BF16;
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
