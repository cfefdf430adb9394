package io.nightjar.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Arrays;

/** The kernels' machine code in this jar, one image a kind of device. */
public enum KernelImage {
  /** Ampere and Ada: compute capability 8.x. */
  SM_80("sm_80.cubin"),
  /** Hopper, with the instructions that only 9.0 has. */
  SM_90A("sm_90a.cubin"),
  /** For every other chip from 8.0 on: the driver compiles it when it loads it. */
  COMPUTE_80("compute_80.ptx");

  /** Why nothing can run when {@link #inThisJar} is false. */
  static final String NO_GPU_CODE = "no GPU code in this jar, it was built without nvcc";

  private static final String FOLDER = "/io/nightjar/kernels/";
  private static final String VARIANTS = "variants/";

  private final String file;

  KernelImage(String file) {
    this.file = file;
  }

  /**
   * The image that suits a device best; any of them may be loaded by choice where it runs.
   *
   * @throws CudaUnavailableException below compute capability 8.0
   */
  public static KernelImage of(CudaDevice device) {
    if (device.major() < 8) {
      throw new CudaUnavailableException(device + " is too old, expected 8.0 or higher");
    }
    if (device.major() == 8) {
      return SM_80;
    }
    return device.major() == 9 && device.minor() == 0 ? SM_90A : COMPUTE_80;
  }

  /** Whether this jar was built with nvcc. */
  static boolean inThisJar() {
    return Arrays.stream(values())
        .allMatch(image -> image.resource("") != null && image.resource(VARIANTS) != null);
  }

  /** Its bytes, with a zero after the last: the driver takes PTX as a C string. */
  byte[] read() {
    return read("");
  }

  /** The same of the embedding bag's variants, which are a module of their own. */
  byte[] readVariants() {
    return read(VARIANTS);
  }

  private byte[] read(String folder) {
    URL resource = resource(folder);
    if (resource == null) {
      throw new CudaUnavailableException(NO_GPU_CODE);
    }
    try (InputStream in = resource.openStream()) {
      byte[] bytes = in.readAllBytes();
      return Arrays.copyOf(bytes, bytes.length + 1);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + resource + ": " + e.getMessage(), e);
    }
  }

  private URL resource(String folder) {
    return KernelImage.class.getResource(FOLDER + folder + file);
  }

  @Override
  public String toString() {
    return file;
  }
}
