package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaEvent;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.PinnedBuffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/** Copies to the device through two pinned buffers: one is filled while the other is copied. */
final class PinnedRing implements AutoCloseable {
  private static final int SLOTS = 2;

  /** Measured on an H200: a copy of half as much takes more than half as long. */
  static final int SLOT_BYTES = 2 << 20;

  /** Memory that it takes, but for tables with rows of megabytes. */
  static final long BYTES = (long) SLOTS * SLOT_BYTES;

  private final Closer closer;
  private final CudaStream stream;
  private final List<Slot> slots;
  private int next;

  private record Slot(PinnedBuffer buffer, CudaEvent copied) {}

  private PinnedRing(CudaContext context, int leastBytes, Closer closer) {
    this.closer = closer;
    this.stream = closer.add(CudaStream.open(context));
    int bytes = Math.max(SLOT_BYTES, leastBytes);
    this.slots =
        Stream.generate(
                () ->
                    new Slot(
                        closer.add(PinnedBuffer.allocate(context, bytes)),
                        closer.add(CudaEvent.open(context))))
            .limit(SLOTS)
            .toList();
  }

  /**
   * Opens a ring with a stream of its own; the caller closes it.
   *
   * @param leastBytes what a buffer must hold at least
   */
  static PinnedRing open(CudaContext context, int leastBytes) {
    return Closer.whole(closer -> new PinnedRing(context, leastBytes, closer));
  }

  /** What its copies go through, and what is to come after them. */
  CudaStream stream() {
    return stream;
  }

  /** The buffer to fill next, free again, from position 0 on. */
  ByteBuffer fill() {
    Slot slot = slots.get(next);
    slot.copied.await();
    return slot.buffer.bytes().clear();
  }

  /** Copies {@code bytes} bytes of that buffer, from {@code from} on. */
  void copy(int from, int bytes, DeviceBuffer to, long offset) {
    ByteBuffer part = slots.get(next).buffer.bytes().slice(from, bytes);
    stream.copyToDevice(to, offset, part, bytes);
  }

  /** All that is wanted of that buffer is being copied. */
  void sent() {
    slots.get(next).copied.record(stream);
    next = (next + 1) % slots.size();
  }

  /** Copies that buffer's bytes up to its position, all that is wanted of it. */
  void send(DeviceBuffer to, long offset) {
    copy(0, slots.get(next).buffer.bytes().position(), to, offset);
    sent();
  }

  /** Waits for its copies. */
  @Override
  public void close() {
    try {
      stream.await();
    } finally {
      closer.close();
    }
  }
}
