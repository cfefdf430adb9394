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
  private static final int SLOT_BYTES = 16 << 20;

  /** Memory that it takes, but for tables with rows of megabytes. */
  static final long BYTES = (long) SLOTS * SLOT_BYTES;

  private final Closer closer;
  private final CudaStream stream;
  private final List<Slot> slots;
  private int next;

  private record Slot(PinnedBuffer buffer, CudaEvent copied) {}

  private PinnedRing(CudaContext context, CudaStream stream, int leastBytes, Closer closer) {
    this.closer = closer;
    this.stream = stream;
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
   * Opens a ring; the caller closes it once the stream is done.
   *
   * @param leastBytes what a buffer must hold at least
   */
  static PinnedRing open(CudaContext context, CudaStream stream, int leastBytes) {
    return Closer.whole(closer -> new PinnedRing(context, stream, leastBytes, closer));
  }

  /** The buffer to fill next, free again, from position 0 on. */
  ByteBuffer fill() {
    Slot slot = slots.get(next);
    slot.copied.await();
    return slot.buffer.bytes().clear();
  }

  /** Sends that buffer's bytes up to its position. */
  void send(DeviceBuffer to, long offset) {
    Slot slot = slots.get(next);
    stream.copyToDevice(to, offset, slot.buffer.bytes(), slot.buffer.bytes().position());
    slot.copied.record(stream);
    next = (next + 1) % slots.size();
  }

  @Override
  public void close() {
    closer.close();
  }
}
