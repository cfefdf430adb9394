package io.nightjar.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.List;

/**
 * The rows of one table, mapped from its file. Tables of more than 2 GiB lie in several segments,
 * each with a power of two rows (the last with the rest). Thread-safe.
 */
public final class EmbeddingTable {
  private final DType dtype;
  private final int numEmbeddings;
  private final int embeddingDim;
  private final int segmentShift;
  private final List<ByteBuffer> segments;
  private final FloatBuffer[] floats;
  private final ShortBuffer[] halves;

  EmbeddingTable(
      DType dtype,
      int numEmbeddings,
      int embeddingDim,
      int segmentShift,
      List<ByteBuffer> segments) {
    this.dtype = dtype;
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.segmentShift = segmentShift;
    this.segments = segments.stream().map(s -> s.order(ByteOrder.LITTLE_ENDIAN)).toList();
    boolean wide = dtype == DType.F32;
    this.floats =
        wide
            ? this.segments.stream().map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new)
            : null;
    this.halves =
        wide
            ? null
            : this.segments.stream().map(ByteBuffer::asShortBuffer).toArray(ShortBuffer[]::new);
  }

  /** How its elements are stored: F32, F16 or BF16. */
  public DType dtype() {
    return dtype;
  }

  /** Number of rows. */
  public int numEmbeddings() {
    return numEmbeddings;
  }

  /** Elements of a row. */
  public int embeddingDim() {
    return embeddingDim;
  }

  /** The rows as stored, read-only, one after another over all segments. */
  public List<ByteBuffer> segments() {
    return segments.stream().map(s -> s.duplicate().order(ByteOrder.LITTLE_ENDIAN)).toList();
  }

  /**
   * Reads one row as fp32 into {@code out[at .. at + embeddingDim)}.
   *
   * @param row from 0 to {@link #numEmbeddings} - 1, which the caller has checked
   */
  public void read(int row, float[] out, int at) {
    int segment = row >>> segmentShift;
    int from = (row & ((1 << segmentShift) - 1)) * embeddingDim;
    if (dtype == DType.F32) {
      floats[segment].get(from, out, at, embeddingDim);
      return;
    }
    ShortBuffer source = halves[segment];
    if (dtype == DType.BF16) {
      for (int i = 0; i < embeddingDim; i++) {
        out[at + i] = HalfFloats.fromBf16(source.get(from + i));
      }
    } else {
      for (int i = 0; i < embeddingDim; i++) {
        out[at + i] = HalfFloats.fromFp16(source.get(from + i));
      }
    }
  }
}
