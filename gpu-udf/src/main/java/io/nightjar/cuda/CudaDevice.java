package io.nightjar.cuda;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/**
 * A GPU that the driver shows to this process.
 *
 * @param ordinal its number, from 0, in this process
 * @param major compute capability, as in 9.0; with {@code minor}
 * @param memoryBytes all of its memory, free or not
 * @param multiprocessors streaming multiprocessors
 * @param sharedBytesPerBlock most shared memory a block may ask for
 * @param l2Bytes size of the L2 cache
 */
public record CudaDevice(
    int ordinal,
    String name,
    int major,
    int minor,
    long memoryBytes,
    int multiprocessors,
    int sharedBytesPerBlock,
    int l2Bytes) {

  /**
   * Asks the driver for a device.
   *
   * @throws CudaUnavailableException if there is no such device, or this jar cannot use it; the
   *     message says why in one sentence
   */
  public static CudaDevice get(int ordinal) {
    if (!KernelImage.inThisJar()) {
      throw new CudaUnavailableException(KernelImage.NO_GPU_CODE);
    }
    CudaDriver.whyUnusable()
        .ifPresent(
            why -> {
              throw new CudaUnavailableException(why);
            });
    int count = count();
    if (ordinal < 0 || ordinal >= count) {
      throw new CudaUnavailableException(
          "the NVIDIA driver shows "
              + count
              + " devices, device "
              + ordinal
              + " is not among them");
    }
    CudaDevice device = describe(ordinal);
    KernelImage.of(device);
    return device;
  }

  /**
   * Why this process cannot use a device, in one sentence, or empty if it can. Loads the driver's
   * library at the first call.
   */
  public static Optional<String> whyUnavailable(int ordinal) {
    try {
      get(ordinal);
      return Optional.empty();
    } catch (CudaUnavailableException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** The newest CUDA that the driver knows, as in "CUDA 13.0". */
  public static String newestCuda() {
    return CudaDriver.named(CudaDriver.version());
  }

  private static int count() {
    int[] count = new int[1];
    CudaResult.check(JCudaDriver.cuDeviceGetCount(count), () -> "count the devices");
    return count[0];
  }

  private static CudaDevice describe(int ordinal) {
    CUdevice device = handle(ordinal);
    byte[] name = new byte[256];
    CudaResult.check(
        JCudaDriver.cuDeviceGetName(name, name.length, device),
        () -> "ask the name of device " + ordinal);
    long[] bytes = new long[1];
    CudaResult.check(
        JCudaDriver.cuDeviceTotalMem(bytes, device), () -> "ask the memory of device " + ordinal);
    return new CudaDevice(
        ordinal,
        new String(name, StandardCharsets.UTF_8).trim(),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        bytes[0],
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE));
  }

  /** What the driver says of a device. */
  static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    CudaResult.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        () -> "ask " + CUdevice_attribute.stringFor(attribute));
    return value[0];
  }

  /** The driver's own handle of a device. */
  static CUdevice handle(int ordinal) {
    CUdevice device = new CUdevice();
    CudaResult.check(JCudaDriver.cuDeviceGet(device, ordinal), () -> "get device " + ordinal);
    return device;
  }

  /** As in "device 0, NVIDIA H200, compute capability 9.0". */
  @Override
  public String toString() {
    return "device " + ordinal + ", " + name + ", compute capability " + major + "." + minor;
  }
}
