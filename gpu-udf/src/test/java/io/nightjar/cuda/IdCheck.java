package io.nightjar.cuda;

import io.nightjar.batch.HostMemory;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * The kernel {@code check_ids} on one feature of 4-byte ids: ids outside the table become 0, and
 * the first of them is told. Small, exact, and it reads its number of rows on the device.
 */
final class IdCheck implements AutoCloseable {
  private static final int NUM_EMBEDDINGS = 1000;

  private final int capacity;
  private final Closer closer;
  private final CudaStream stream;
  private final CudaFunction kernel;
  private final DeviceBuffer deviceIds;
  private final DeviceBuffer deviceChecked;
  private final DeviceBuffer deviceCount;
  private final DeviceBuffer deviceFeature;
  private final DeviceBuffer deviceFeatures;
  private final DeviceBuffer deviceBadId;
  private final IntBuffer ids;
  private final IntBuffer checked;
  private final IntBuffer count;
  private final LongBuffer badId;

  private IdCheck(CudaContext context, KernelImage image, int capacity, Closer closer) {
    this.capacity = capacity;
    this.closer = closer;
    kernel = closer.add(CudaModule.load(context, image)).function("check_ids");
    deviceIds = device(context, "ids", capacity * 4L);
    deviceChecked = device(context, "checked ids", capacity * 4L);
    deviceCount = device(context, "count", 4);
    deviceFeature = device(context, "feature", 48);
    deviceFeatures = device(context, "number of features", 4);
    deviceBadId = device(context, "bad id", 8);
    stream = closer.add(CudaStream.open(context));
    ids = pinned(context, capacity * 4).asIntBuffer();
    checked = pinned(context, capacity * 4).asIntBuffer();
    count = pinned(context, 4).asIntBuffer();
    badId = pinned(context, 8).asLongBuffer();
    ByteBuffer feature = pinned(context, 48);
    feature
        .putLong(deviceIds.address())
        .putLong(deviceChecked.address())
        .putLong(0)
        .putLong(deviceCount.address())
        .putInt(NUM_EMBEDDINGS)
        .putInt(Integer.BYTES)
        .putLong(0);
    stream.copyToDevice(deviceFeature, 0, feature, 48);
    ByteBuffer features = pinned(context, 4).putInt(0, 1);
    stream.copyToDevice(deviceFeatures, 0, features, 4);
    stream.await();
  }

  static IdCheck open(CudaContext context, KernelImage image, int capacity) {
    return Closer.whole(closer -> new IdCheck(context, image, capacity, closer));
  }

  private DeviceBuffer device(CudaContext context, String name, long bytes) {
    return closer.add(DeviceBuffer.allocate(context, name, bytes));
  }

  private ByteBuffer pinned(CudaContext context, int bytes) {
    HostMemory memory = context.pinnedMemory();
    ByteBuffer buffer = memory.allocate(bytes);
    closer.add(() -> memory.free(buffer));
    return buffer;
  }

  CudaStream stream() {
    return stream;
  }

  CudaFunction kernel() {
    return kernel;
  }

  /** What the stream has to do, for the capacity: the kernel takes as many as the count says. */
  void submit() {
    stream.copyToDevice(deviceIds, 0, ids, capacity * 4L);
    stream.copyToDevice(deviceCount, 0, count, 4);
    stream.fill(deviceChecked, 0, capacity * 4L, (byte) 0xff);
    stream.fill(deviceBadId, 0, 8, (byte) 0xff);
    launch(LaunchShape.covering(capacity, 256));
    stream.copyToHost(checked, deviceChecked, 0, capacity * 4L);
    stream.copyToHost(badId, deviceBadId, 0, 8);
  }

  void launch(LaunchShape shape) {
    kernel.launch(
        stream,
        shape,
        stream.arguments().pointer(deviceFeature).pointer(deviceFeatures).pointer(deviceBadId));
  }

  /** Sets how many ids there are, to be copied or at once; more than the capacity is a fault. */
  void count(int rows) {
    count.put(0, rows);
    stream.copyToDevice(deviceCount, 0, count, 4);
  }

  /** Fills in ids of which every seventh lies outside the table, and forgets the last answer. */
  void fill(int rows) {
    count.put(0, rows);
    for (int i = 0; i < capacity; i++) {
      ids.put(i, idAt(i, rows));
      checked.put(i, 12_345);
    }
  }

  private static int idAt(int i, int rows) {
    return i % 7 == 6 ? (i % 2 == 0 ? -1 - i : NUM_EMBEDDINGS + i) : (i * 31 + rows) % 1000;
  }

  /** What the kernel must answer for an id, -1 for one past the count. */
  static int expected(int i, int rows) {
    if (i >= rows) {
      return -1;
    }
    int id = idAt(i, rows);
    return id < 0 || id >= NUM_EMBEDDINGS ? 0 : id;
  }

  int checked(int i) {
    return checked.get(i);
  }

  /** Position of the first id outside the table, or -1. */
  long badId() {
    return badId.get(0) == -1 ? -1 : badId.get(0) & Integer.MAX_VALUE;
  }

  @Override
  public void close() {
    closer.close();
  }
}
