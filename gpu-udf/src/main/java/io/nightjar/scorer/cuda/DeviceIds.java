package io.nightjar.scorer.cuda;

import io.nightjar.batch.PackedIds;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import java.util.List;

/**
 * Ids of a batch on the device, column by column: packed as they crossed, and as the {@code int}s
 * that kernels read.
 */
final class DeviceIds {
  /** {@link CheckIdsKernel} takes four at a time. */
  private static final int ALIGNMENT = 4;

  /**
   * One column of ids.
   *
   * @param count how many of {@code ids} count
   */
  record Column(PackedIds ids, int count) {
    Size size() {
      return new Size(ids.idBytes(), count);
    }
  }

  /** So many ids of so many bytes each. */
  record Size(int idBytes, int count) {}

  /** Where columns lie, packed and as kernels read them; behind the last one they end. */
  static final class Layout {
    private final List<Size> columns;
    private final long[] packedAt;
    private final long[] unpackedAt;

    /** Lays out columns one after another. */
    Layout(List<Size> columns) {
      this.columns = columns;
      this.packedAt = new long[columns.size() + 1];
      this.unpackedAt = new long[columns.size() + 1];
      for (int c = 0; c < columns.size(); c++) {
        long ids = OperandFormat.divideUp(columns.get(c).count(), ALIGNMENT) * ALIGNMENT;
        unpackedAt[c + 1] = unpackedAt[c] + ids * Integer.BYTES;
        // A multiple of 16 bytes from the start, as the kernel asks.
        long bytes = ids * columns.get(c).idBytes();
        packedAt[c + 1] = packedAt[c] + OperandFormat.divideUp(bytes, 16) * 16;
      }
    }

    long packedBytes() {
      return packedAt[columns.size()];
    }

    long unpackedBytes() {
      return unpackedAt[columns.size()];
    }
  }

  private final Scratch scratch;
  private DeviceBuffer packed;
  private DeviceBuffer unpacked;
  private Layout layout;

  /** Makes room for columns of this layout. */
  DeviceIds(Layout layout, Scratch scratch) {
    this.scratch = scratch;
    this.layout = layout;
    this.packed = scratch.device("packed row ids", layout.packedBytes());
    this.unpacked = scratch.device("row ids", layout.unpackedBytes());
  }

  /** Copies columns to the device; where there is too little room, more is made. */
  void copy(CudaStream stream, List<Column> columns) {
    layout = new Layout(columns.stream().map(Column::size).toList());
    packed = scratch.grown("packed row ids", packed, layout.packedBytes());
    unpacked = scratch.grown("row ids", unpacked, layout.unpackedBytes());
    for (int c = 0; c < columns.size(); c++) {
      Column column = columns.get(c);
      stream.copyToDevice(
          packed,
          layout.packedAt[c],
          column.ids().bytes(),
          (long) column.count() * column.ids().idBytes());
    }
  }

  /** Where a column lies as it crossed. */
  long packed(int column) {
    return packed.address() + layout.packedAt[column];
  }

  /** How many ints there is room for, from where kernels read the first column on. */
  long unpackedInts() {
    return layout.unpackedBytes() / Integer.BYTES;
  }

  /** Where kernels read a column. */
  long unpacked(int column) {
    return unpacked.address() + layout.unpackedAt[column];
  }
}
