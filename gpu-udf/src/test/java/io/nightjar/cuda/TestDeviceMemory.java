package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestDeviceMemory extends OnDevice {

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 5_000_001})
  void comesBackAsItWent(int bytes) {
    roundTrip(bytes, context.pinnedMemory());
    roundTrip(bytes, HostMemory.PLAIN);
  }

  /** A stream, and a context made current, a thread. */
  @Test
  void comesBackOnEveryThread() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> trips = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        int bytes = 100_000 + i;
        trips.add(threads.submit(() -> roundTrip(bytes, context.pinnedMemory())));
      }
      for (Future<?> trip : trips) {
        trip.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  private static void roundTrip(int bytes, HostMemory memory) {
    ByteBuffer there = memory.allocate(bytes);
    ByteBuffer back = memory.allocate(bytes);
    try (CudaStream stream = CudaStream.open(context);
        DeviceBuffer device = DeviceBuffer.allocate(context, "copy", bytes)) {
      fillWithPattern(there, bytes);
      stream.copyToDevice(device, 0, there, bytes);
      stream.copyToHost(back, device, 0, bytes);
      stream.await();
      assertThat(back.mismatch(there)).isEqualTo(-1);
    } finally {
      memory.free(back);
      memory.free(there);
    }
  }

  @Test
  void copiesAndFillsPartOfABuffer() {
    ByteBuffer host = ByteBuffer.allocateDirect(48).order(ByteOrder.nativeOrder());
    FloatBuffer floats = host.asFloatBuffer().put(0, 1.5f).put(1, -2.5f);
    try (CudaStream stream = CudaStream.open(context);
        DeviceBuffer device = DeviceBuffer.allocate(context, "parts", 48)) {
      stream.fill(device, 0, 48, (byte) 0xff);
      stream.fill(device, 40, 4, (byte) 7);
      stream.copyToDevice(device, 12, floats, 8);
      stream.await();
      stream.copyToHost(host, device, 0, 48);
      stream.await();
    }
    assertThat(host.getInt(8)).isEqualTo(-1);
    assertThat(floats.get(3)).isEqualTo(1.5f);
    assertThat(floats.get(4)).isEqualTo(-2.5f);
    assertThat(host.getInt(20)).isEqualTo(-1);
    assertThat(host.getInt(40)).isEqualTo(0x07070707);
    assertThat(host.getInt(44)).isEqualTo(-1);
  }

  @Test
  void pinnedMemoryIsZeroedUpToTheLargestBuffer() {
    try (PinnedBuffer none = PinnedBuffer.allocate(context, 0);
        PinnedBuffer large = PinnedBuffer.allocate(context, Integer.MAX_VALUE)) {
      assertThat(none.bytes().capacity()).isZero();
      ByteBuffer bytes = large.bytes();
      assertThat(bytes.capacity()).isEqualTo(Integer.MAX_VALUE);
      assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
      assertThat(bytes.isDirect()).isTrue();
      assertThat(bytes.mismatch(ByteBuffer.allocateDirect(Integer.MAX_VALUE))).isEqualTo(-1);
    }
  }

  @Test
  void batchesLiveInPinnedMemory() {
    int before = context.openResources();
    try (FeatureBatch batch =
        new FeatureBatch(2, new int[] {9, 5_000, 70_000}, 33, context.pinnedMemory())) {
      assertThat(context.openResources()).isEqualTo(before + 2 + 3 * 2);
      batch.sparse(1).ids().put(32, 4711);
      batch.sparse(1).ids().ensure(1_000_000);
      assertThat(batch.sparse(1).ids().get(32)).isEqualTo(4711);
      assertThat(context.openResources()).isEqualTo(before + 2 + 3 * 2);
    }
    assertThat(context.openResources()).isEqualTo(before);
  }

  @Test
  void pinnedMemoryFreesOnlyItsOwn() {
    HostMemory memory = context.pinnedMemory();
    ByteBuffer buffer = memory.allocate(8);
    ByteBuffer twin = memory.allocate(8);
    memory.free(buffer);
    assertThatThrownBy(() -> memory.free(buffer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it was freed before or is not of this pinned memory");
    memory.free(twin);
  }

  @Test
  void refusesRangesPastTheEnd() {
    ByteBuffer host = ByteBuffer.allocateDirect(64);
    try (CudaStream stream = CudaStream.open(context);
        DeviceBuffer device = DeviceBuffer.allocate(context, "small", 32)) {
      assertThat(device.bytes()).isEqualTo(32);
      assertThat(device.address() % 256).isZero();
      assertThatThrownBy(() -> stream.copyToDevice(device, 1, host, 32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid range of device buffer small (32 bytes): 32 bytes from 1");
      assertThatThrownBy(() -> stream.fill(device, -1, 1, (byte) 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid range of device buffer small (32 bytes): 1 bytes from -1");
      assertThatThrownBy(() -> stream.copyToHost(host.asFloatBuffer(), device, 0, 65))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid size of a copy: 65 bytes, expected 0 to 64");
      assertThatThrownBy(() -> stream.copyToDevice(device, 0, ByteBuffer.allocate(32), 32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid host buffer: java.nio.HeapByteBuffer[pos=0 lim=32 cap=32], expected a direct"
                  + " one");
    }
    assertThatThrownBy(() -> DeviceBuffer.allocate(context, "none", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid size of device buffer none: 0 bytes, expected 1 or more");
  }

  @Test
  void isOfNoUseOnceClosed() {
    DeviceBuffer device = DeviceBuffer.allocate(context, "gone", 32);
    device.close();
    device.close();
    assertThatThrownBy(device::address)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot use device buffer gone (32 bytes): it is closed");
  }

  @Test
  void aStreamWaitsForAnother() {
    int bytes = 1 << 28;
    ByteBuffer last = ByteBuffer.allocateDirect(4);
    try (DeviceBuffer device = DeviceBuffer.allocate(context, "filled", bytes);
        CudaStream filling = CudaStream.open(context);
        CudaStream reading = CudaStream.open(context);
        CudaEvent begun = CudaEvent.open(context);
        CudaEvent filled = CudaEvent.open(context)) {
      assertThat(filled.isDone()).isTrue();
      begun.record(filling);
      for (int value = 1; value <= 20; value++) {
        filling.fill(device, 0, bytes, (byte) value);
      }
      filled.record(filling);
      reading.waitFor(filled);
      reading.copyToHost(last, device, bytes - 4, 4);
      reading.await();
      assertThat(last.getInt(0)).isEqualTo(0x14141414);
      assertThat(filled.isDone()).isTrue();
      filled.await();
      assertThat(begun.millisecondsTo(filled)).isPositive();
    }
  }
}
