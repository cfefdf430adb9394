package io.nightjar.spark.bench;

import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.PinnedBuffer;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.SparkEnv;

/**
 * Bytes that this process has at a moment, after a collection.
 *
 * @param heap used by objects
 * @param direct in direct buffers
 * @param offHeap Spark's own outside the heap
 * @param pinned that a device copies from and to
 * @param device in this process's buffers on devices
 * @param resident of the process, as the kernel counts
 */
record MemorySample(long heap, long direct, long offHeap, long pinned, long device, long resident) {

  /** Collects garbage, and looks. */
  static MemorySample take(boolean onDevice) throws IOException {
    // A second time for what the first has finalized: direct buffers, and Spark's listeners' rest.
    System.gc();
    System.gc();
    return new MemorySample(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum(),
        SparkEnv.get().memoryManager().offHeapExecutionMemoryUsed()
            + SparkEnv.get().memoryManager().offHeapStorageMemoryUsed(),
        onDevice ? PinnedBuffer.openBytes() : 0,
        onDevice ? DeviceBuffer.openBytes() : 0,
        residentNow());
  }

  /** What nvidia-smi says of the first device; empty where there is none. */
  static Optional<Long> deviceInUse() throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--id=0",
                  "--query-gpu=memory.used",
                  "--format=csv,noheader,nounits")
              .start();
    } catch (IOException e) {
      return Optional.empty();
    }
    try (var out = process.inputReader()) {
      String line = out.readLine();
      return line == null ? Optional.empty() : Optional.of(Long.parseLong(line.strip()) << 20);
    }
  }

  private static long residentNow() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .sum();
  }

  /** The figures under {@link #NAMES}. */
  List<Long> figures() {
    return List.of(heap, direct, offHeap, pinned, device, resident);
  }

  /** What {@link #figures} are. */
  static final List<String> NAMES =
      List.of("heap after GC", "direct", "Spark off heap", "pinned", "device", "resident");

  static String mib(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
