package io.nightjar.scorer.cuda;

import io.nightjar.model.EmbeddingTable;
import java.nio.ByteBuffer;
import java.util.List;

/** The rows of a table as stored, in their own order or another. */
final class RowSource {
  private final EmbeddingTable table;
  private final List<ByteBuffer> segments;
  private final int rowBytes;
  private final int rowsASegment;
  private final int[] order;

  /** In their own order. */
  RowSource(EmbeddingTable table) {
    this(table, null);
  }

  private RowSource(EmbeddingTable table, int[] order) {
    this.table = table;
    this.segments = table.segments();
    this.rowBytes = table.embeddingDim() * table.dtype().bytes();
    this.rowsASegment = segments.get(0).capacity() / rowBytes;
    this.order = order;
  }

  /** The same rows, at place {@code i} row {@code rows[i]}. */
  RowSource inOrder(int[] rows) {
    return new RowSource(table, rows);
  }

  /** How many there are. */
  int rows() {
    return table.numEmbeddings();
  }

  /** Puts rows, each with zeros behind it up to {@code strideBytes}. */
  void put(int first, int count, ByteBuffer to, int strideBytes) {
    int at = to.position();
    for (int row = first; row < first + count; ) {
      int run = order == null && rowBytes == strideBytes ? run(row, first + count) : 1;
      int from = order == null ? row : order[row];
      int inSegment = from % rowsASegment;
      to.put(at, segments.get(from / rowsASegment), inSegment * rowBytes, run * rowBytes);
      for (int b = rowBytes; b < strideBytes; b++) {
        to.put(at + b, (byte) 0);
      }
      at += run * strideBytes;
      row += run;
    }
    to.position(at);
  }

  /** Rows that lie side by side from {@code row} on, up to {@code end}. */
  private int run(int row, int end) {
    return Math.min(end - row, rowsASegment - row % rowsASegment);
  }
}
