package io.nightjar.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Loads the NVIDIA driver through JCuda, once a process, or knows why it cannot. */
final class CudaDriver {
  private static final int OLDEST_CUDA = 13_000;
  private static final String HOST = "Linux amd64";
  private static final Pattern LINK_ERROR =
      Pattern.compile("^[\\w.]+(?:Error|Exception): (.+)$", Pattern.MULTILINE);

  private static final Optional<String> WHY_UNUSABLE = load();

  private CudaDriver() {}

  /** One clause that says why the driver cannot be used, or empty if it can. */
  static Optional<String> whyUnusable() {
    return WHY_UNUSABLE;
  }

  private static Optional<String> load() {
    String host = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!host.equals(HOST)) {
      return Optional.of("its library in this jar is for " + HOST + ", this host is " + host);
    }
    try {
      loadLibrary();
    } catch (UnsatisfiedLinkError e) {
      return Optional.of(whyNotLoaded(e.getMessage()));
    } catch (IOException e) {
      return Optional.of("JCuda's library cannot be unpacked: " + e);
    }
    int started = JCudaDriver.cuInit(0);
    if (started != CUresult.CUDA_SUCCESS) {
      return Optional.of(whyNotStarted(started, System.getenv("CUDA_VISIBLE_DEVICES")));
    }
    return whyTooOld(version());
  }

  /**
   * Has JCuda load its library from a folder of this process's own.
   *
   * <p>JCuda unpacks it to a fixed name in {@code java.io.tmpdir} and takes whatever is there
   * already: of two processes that start together, one may load the other's half-written file. No
   * other way is open to a program that does not choose its own command line, so the property
   * points to a fresh folder while JCuda's class initialises. The loaded file is removed at once;
   * the folder stays until exit, should another thread have asked for the property meanwhile.
   */
  private static void loadLibrary() throws IOException {
    Path folder = Files.createTempDirectory("nightjar-jcuda-");
    folder.toFile().deleteOnExit();
    String before = System.setProperty("java.io.tmpdir", folder.toString());
    try {
      JCudaDriver.setExceptionsEnabled(false);
    } finally {
      System.setProperty("java.io.tmpdir", before);
      try (var files = Files.newDirectoryStream(folder, "libJCuda*")) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
    }
  }

  /** JCuda's message holds two stack traces; the last error in it is the one that counts. */
  static String whyNotLoaded(String message) {
    if (message.contains("libcuda.so.1: cannot open")) {
      return "no NVIDIA driver on this host (libcuda.so.1 was not found)";
    }
    String last = message;
    for (Matcher error = LINK_ERROR.matcher(message); error.find(); ) {
      last = error.group(1);
    }
    return "JCuda's library does not load: " + last;
  }

  static String whyNotStarted(int result, String visibleDevices) {
    return switch (result) {
      case CUresult.CUDA_ERROR_NO_DEVICE ->
          "the NVIDIA driver shows no device"
              + (visibleDevices == null
                  ? ""
                  : ", CUDA_VISIBLE_DEVICES is \"" + visibleDevices + "\"");
      case CUresult.CUDA_ERROR_STUB_LIBRARY ->
          "no NVIDIA driver on this host (libcuda.so.1 is the CUDA toolkit's stub)";
      default -> "the NVIDIA driver does not start: " + CudaResult.name(result);
    };
  }

  /** The newest CUDA that the driver knows, as 13000 for 13.0. */
  static int version() {
    int[] version = new int[1];
    CudaResult.check(JCudaDriver.cuDriverGetVersion(version), () -> "ask the driver's version");
    return version[0];
  }

  /** As in "CUDA 13.0". */
  static String named(int version) {
    return "CUDA " + version / 1000 + "." + version % 1000 / 10;
  }

  /** The driver must know the code that nvcc 13 makes. */
  static Optional<String> whyTooOld(int version) {
    return version >= OLDEST_CUDA
        ? Optional.empty()
        : Optional.of(
            "the NVIDIA driver supports "
                + named(version)
                + ", expected 13.0 or newer (driver 580 or newer)");
  }
}
