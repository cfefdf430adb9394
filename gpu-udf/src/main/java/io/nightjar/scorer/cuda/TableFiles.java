package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.ModelContent;
import io.nightjar.model.TensorInfo;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Tables that lie on the device as they do in their files: byte for byte. Threads read the files
 * into pinned memory, hash what they have read and have it copied, each of them piece by piece, so
 * that reading, hashing and copying overlap and no byte is read twice.
 */
final class TableFiles {
  /** More threads than this read no faster than what copies. */
  static final int THREADS = Math.min(16, Runtime.getRuntime().availableProcessors());

  /** Pinned memory that reading takes. */
  static final long BYTES = THREADS * PinnedRing.BYTES;

  private final Map<String, NavigableMap<Long, Table>> tables = new HashMap<>();

  private record Table(TensorInfo tensor, DeviceBuffer rows) {}

  /** From now on {@code rows} is to hold {@code tensor}. */
  void add(TensorInfo tensor, DeviceBuffer rows) {
    tables
        .computeIfAbsent(tensor.file(), file -> new TreeMap<>())
        .put(tensor.offset(), new Table(tensor, rows));
  }

  /**
   * Reads all files of the model, and has the tables copied.
   *
   * @return the hash of all of the files' bytes
   */
  String upload(CudaContext context, DlrmWeights weights) {
    return weights.readAll(THREADS, () -> new Pieces(PinnedRing.open(context, 0)));
  }

  /** Those of one thread. */
  private final class Pieces implements ModelContent.Pieces {
    private final PinnedRing ring;

    Pieces(PinnedRing ring) {
      this.ring = ring;
    }

    @Override
    public ByteBuffer next() {
      return ring.fill();
    }

    @Override
    public void take(ByteBuffer piece, String file, long offset) {
      NavigableMap<Long, Table> ofFile = tables.getOrDefault(file, new TreeMap<>());
      long end = offset + piece.position();
      Long first = ofFile.floorKey(offset);
      for (Table table : ofFile.subMap(first == null ? offset : first, end).values()) {
        long begin = table.tensor.offset();
        long from = Math.max(offset, begin);
        int bytes = Math.toIntExact(Math.min(end, begin + table.tensor.bytes()) - from);
        if (bytes > 0) {
          ring.copy((int) (from - offset), bytes, table.rows, from - begin);
        }
      }
      ring.sent();
    }

    @Override
    public void close() {
      ring.close();
    }
  }
}
