package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels through both kinds of image: the device's machine code, and PTX by force. */
class TestKernelLaunch extends OnDevice {
  private static final int CAPACITY = 70_000;

  static Stream<KernelImage> images() {
    return Stream.of(KernelImage.of(CudaDevice.get(0)), KernelImage.COMPUTE_80).distinct();
  }

  @ParameterizedTest
  @MethodSource("images")
  void checksIds(KernelImage image) {
    try (IdCheck check = IdCheck.open(context, image, CAPACITY)) {
      for (int rows : new int[] {0, 1, 6, 7, 31, 32, 33, 256, 257, CAPACITY}) {
        check.fill(rows);
        check.submit();
        check.stream().await();
        assertChecked(check, rows);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("images")
  void oneGraphServesEveryRowCount(KernelImage image) {
    try (IdCheck check = IdCheck.open(context, image, CAPACITY);
        CudaGraph graph = CudaGraph.capture(check.stream(), check::submit)) {
      for (int rows : new int[] {CAPACITY, 1, 31, 0, 32, 33, 65_536, CAPACITY}) {
        check.fill(rows);
        graph.launch(check.stream());
        check.stream().await();
        assertChecked(check, rows);
      }
    }
  }

  private static void assertChecked(IdCheck check, int rows) {
    for (int i = 0; i < CAPACITY; i++) {
      if (check.checked(i) != IdCheck.expected(i, rows)) {
        assertThat(check.checked(i))
            .as("id %d of %d", i, rows)
            .isEqualTo(IdCheck.expected(i, rows));
      }
    }
    assertThat(check.badId()).isEqualTo(rows > 6 ? 6 : -1);
  }

  /** pack_dense_f32 takes pointers, ints and a float: each must arrive at its place. */
  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33})
  void passesEveryKindOfArgument(int rows) {
    int features = 13;
    int capacity = 40;
    int tile = 128 * 64 * Short.BYTES;
    float scale = 0.25f;
    ByteBuffer dense = context.pinnedMemory().allocate(features * capacity * Float.BYTES);
    ByteBuffer matrix = context.pinnedMemory().allocate(2 * tile);
    ByteBuffer count = context.pinnedMemory().allocate(Integer.BYTES);
    count.putInt(0, rows);
    for (int feature = 0; feature < features; feature++) {
      for (int row = 0; row < capacity; row++) {
        dense.putFloat((feature * capacity + row) * Float.BYTES, dense(row, feature));
      }
    }
    try (CudaStream stream = CudaStream.open(context);
        CudaModule module = CudaModule.load(context);
        DeviceBuffer deviceDense = DeviceBuffer.allocate(context, "dense", dense.capacity());
        DeviceBuffer deviceMatrix = DeviceBuffer.allocate(context, "matrix", matrix.capacity());
        DeviceBuffer deviceRows = DeviceBuffer.allocate(context, "rows", Integer.BYTES);
        DeviceBuffer overflow = DeviceBuffer.allocate(context, "overflow", Integer.BYTES)) {
      stream.copyToDevice(deviceDense, 0, dense, dense.capacity());
      stream.copyToDevice(deviceRows, 0, count, Integer.BYTES);
      stream.fill(deviceMatrix, 0, deviceMatrix.bytes(), (byte) 0xff);
      stream.fill(overflow, 0, Integer.BYTES, (byte) 0);
      module
          .function("pack_dense_f32")
          .launch(
              stream,
              LaunchShape.covering(rows, 256).gridY(8),
              stream
                  .arguments()
                  .pointer(deviceDense)
                  .int32(features)
                  .int32(capacity)
                  .int64(0)
                  .pointer(deviceMatrix)
                  .pointer(deviceRows)
                  .float32(scale)
                  .pointer(overflow));
      stream.copyToHost(matrix, deviceMatrix, 0, deviceMatrix.bytes());
      stream.copyToHost(count, overflow, 0, Integer.BYTES);
      stream.await();
    }
    assertThat(count.getInt(0)).as("overflow").isZero();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < 64; column++) {
        // Chunks of 8 columns, swapped about in a row of the tile: kernels' operand.cuh.
        int at = row * 128 + ((column / 8 ^ row % 8) * 16) + column % 8 * Short.BYTES;
        float expected = column < features ? dense(row, column) * scale : 0;
        assertThat(half(matrix.getShort(at)))
            .as("row %d column %d", row, column)
            .isEqualTo(expected);
        assertThat(half(matrix.getShort(tile + at))).isZero();
      }
    }
    context.pinnedMemory().free(count);
    context.pinnedMemory().free(matrix);
    context.pinnedMemory().free(dense);
  }

  /** A quarter of it is exact in half precision. */
  private static float dense(int row, int feature) {
    return row * 13 + feature - 200;
  }

  /** The value of a normal number or zero in half precision. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    float magnitude =
        exponent == 0 && (bits & 0x3ff) == 0
            ? 0
            : Math.scalb(1 + (bits & 0x3ff) / 1024f, exponent - 15);
    return bits < 0 && magnitude != 0 ? -magnitude : magnitude;
  }

  @Test
  void largeSharedMemoryHasToBeAllowed() {
    try (IdCheck check = IdCheck.open(context, KernelImage.of(context.device()), 33)) {
      check.fill(33);
      LaunchShape large = LaunchShape.of(1, 32).sharedBytes(64 << 10);
      assertThatThrownBy(() -> check.launch(large))
          .isInstanceOf(CudaException.class)
          .hasMessage(
              "Cannot launch kernel check_ids with LaunchShape[gridX=1, gridY=1, threads=32, threadsY=1,"
                  + " sharedBytes=65536] and 3 arguments: CUDA_ERROR_INVALID_VALUE (1)");
      check.kernel().allowShared(64 << 10);
      check.count(0);
      check.launch(large);
      check.stream().await();
    }
  }

  @Test
  void namesAKernelThatIsNotThere() {
    try (CudaModule module = CudaModule.load(context, KernelImage.COMPUTE_80)) {
      assertThat(module.image()).isEqualTo(KernelImage.COMPUTE_80);
      assertThat(module.function("check_ids").name()).isEqualTo("check_ids");
      assertThatThrownBy(() -> module.function("no_such_kernel"))
          .isInstanceOf(CudaException.class)
          .hasMessage(
              "Cannot find kernel no_such_kernel in compute_80.ptx: CUDA_ERROR_NOT_FOUND (500)");
    }
  }

  @Test
  void aFailedRecordingLeavesTheStreamUsable() {
    try (IdCheck check = IdCheck.open(context, KernelImage.of(context.device()), CAPACITY)) {
      IllegalStateException halfWay = new IllegalStateException("half-way");
      assertThatThrownBy(
              () ->
                  CudaGraph.capture(
                      check.stream(),
                      () -> {
                        check.submit();
                        throw halfWay;
                      }))
          .isSameAs(halfWay);
      check.fill(33);
      check.submit();
      check.stream().await();
      assertChecked(check, 33);
    }
  }
}
