package io.nightjar.scorer.cuda;

import io.nightjar.batch.PackedIds;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import java.util.List;

/**
 * Ids of a batch on the device, column by column: packed as they crossed, and as the {@code int}s
 * that kernels read. Ids of four bytes are both, unless they are to change.
 */
final class DeviceIds {
  /** {@link CheckIdsKernel} takes four at a time. */
  private static final int ALIGNMENT = 4;

  /**
   * One column of ids.
   *
   * @param count how many of {@code ids} count
   */
  record Column(PackedIds ids, int count) {}

  private final Scratch scratch;
  private final boolean keepsPacked;
  private DeviceBuffer packed;
  private DeviceBuffer unpacked;
  private List<Column> columns;
  private long[] packedAt;
  private long[] unpackedAt;

  /**
   * Makes room for columns as full as these.
   *
   * @param keepsPacked whether ids of four bytes, too, are kept as they crossed
   */
  DeviceIds(List<Column> fullest, boolean keepsPacked, Scratch scratch) {
    this.scratch = scratch;
    this.keepsPacked = keepsPacked;
    layOut(fullest);
    this.packed = scratch.device("packed row ids", packedAt[columns.size()]);
    this.unpacked = scratch.device("row ids", unpackedAt[columns.size()]);
  }

  /** Copies columns to the device, which is idle: room is made where there is too little. */
  void copy(CudaStream stream, List<Column> columnsOfBatch) {
    layOut(columnsOfBatch);
    packed = grown("packed row ids", packed, packedAt[columns.size()]);
    unpacked = grown("row ids", unpacked, unpackedAt[columns.size()]);
    for (int c = 0; c < columns.size(); c++) {
      Column column = columns.get(c);
      stream.copyToDevice(
          isPacked(column) ? packed : unpacked,
          isPacked(column) ? packedAt[c] : unpackedAt[c],
          column.ids().bytes(),
          (long) column.count() * column.ids().idBytes());
    }
  }

  private boolean isPacked(Column column) {
    return keepsPacked || column.ids().idBytes() < Integer.BYTES;
  }

  private void layOut(List<Column> columnsOfBatch) {
    columns = columnsOfBatch;
    packedAt = new long[columns.size() + 1];
    unpackedAt = new long[columns.size() + 1];
    for (int c = 0; c < columns.size(); c++) {
      Column column = columns.get(c);
      long ids = OperandFormat.divideUp(column.count(), ALIGNMENT) * ALIGNMENT;
      unpackedAt[c + 1] = unpackedAt[c] + ids * Integer.BYTES;
      // A multiple of 16 bytes from the start, as the kernel asks.
      long bytes = isPacked(column) ? ids * column.ids().idBytes() : 0;
      packedAt[c + 1] = packedAt[c] + OperandFormat.divideUp(bytes, 16) * 16;
    }
  }

  private DeviceBuffer grown(String name, DeviceBuffer buffer, long bytes) {
    if (bytes <= buffer.bytes()) {
      return buffer;
    }
    DeviceBuffer larger = scratch.device(name, Math.max(bytes, buffer.bytes() / 2 * 3));
    buffer.close();
    return larger;
  }

  /** Where a column lies as it crossed. */
  long packed(int column) {
    return isPacked(columns.get(column)) ? packed.address() + packedAt[column] : unpacked(column);
  }

  /** How many ints there is room for, from where kernels read the first column on. */
  long unpackedInts() {
    return unpackedAt[columns.size()] / Integer.BYTES;
  }

  /** Where kernels read a column. */
  long unpacked(int column) {
    return unpacked.address() + unpackedAt[column];
  }
}
