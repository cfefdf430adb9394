package io.nightjar.scorer.cuda;

import io.nightjar.cuda.DeviceBuffer;
import java.nio.ByteBuffer;

/**
 * As PyTorch does and the paper's variants do: a table a launch, with ids and offsets of eight
 * bytes, after hot rows were pinned where the variant does so. What a launch is told changes from
 * batch to batch.
 */
final class OneTablePooling implements BagPooling {
  private final boolean pins;
  private final Kernels kernels;
  private final Scratch scratch;
  private DeviceBuffer wideIds;
  private DeviceBuffer wideOffsets;
  private DeviceBuffer oneIdABag;

  OneTablePooling(boolean pins, Kernels kernels, Scratch scratch) {
    this.pins = pins;
    this.kernels = kernels;
    this.scratch = scratch;
  }

  @Override
  public void pool(Recording recording, DeviceBatch batch) {
    DeviceIds ids = batch.ids();
    wideIds = widened(recording, wideIds, ids.unpacked(0), ids.unpackedInts());
    DeviceBuffer offsets = batch.offsets();
    long ints = offsets.bytes() / Integer.BYTES;
    wideOffsets = widened(recording, wideOffsets, offsets.address(), ints);
    if (oneIdABag == null) {
      oneIdABag = oneIdABag(recording.capacity());
    }
    for (DeviceBatch.SameType group : batch.byTableType()) {
      for (int f : group.features()) {
        DeviceFeature feature = batch.feature(f);
        if (feature.isGathered() || feature.bags() == 0) {
          continue;
        }
        if (pins) {
          kernels.pinHotRows().launch(recording, feature.table());
        }
        long wide = wideIds.address() + 2 * (feature.ids() - ids.unpacked(0));
        long offset =
            feature.offsets() == 0
                ? oneIdABag.address()
                : wideOffsets.address() + 2 * (feature.offsets() - offsets.address());
        kernels.oneTable().orElseThrow().launch(recording, feature, wide, offset);
      }
    }
  }

  /** The offsets of a feature with one id in every bag. */
  private DeviceBuffer oneIdABag(int capacity) {
    ByteBuffer host = scratch.pinned((capacity + 1) * Long.BYTES);
    for (int bag = 0; bag <= capacity; bag++) {
      host.putLong(bag);
    }
    DeviceBuffer buffer = scratch.device("offsets of one id a bag", host.capacity());
    scratch.stream().copyToDevice(buffer, 0, host, host.capacity());
    return buffer;
  }

  /** Gives {@code count} ints at {@code from} eight bytes; the buffer grows where it is small. */
  private DeviceBuffer widened(Recording recording, DeviceBuffer to, long from, long count) {
    long bytes = count * Long.BYTES;
    String name = "ints of eight bytes";
    DeviceBuffer buffer = to == null ? scratch.device(name, bytes) : scratch.grown(name, to, bytes);
    kernels.widenInts().launch(recording, from, buffer.address(), count);
    return buffer;
  }

  @Override
  public boolean isRecordable() {
    return false;
  }
}
