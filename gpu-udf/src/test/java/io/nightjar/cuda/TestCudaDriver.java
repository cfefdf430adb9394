package io.nightjar.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jcuda.LibUtils;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be said of the driver with or without one. */
class TestCudaDriver {
  private static final String NO_DRIVER =
      "no NVIDIA driver on this host (libcuda.so.1 was not found)";

  @Test
  void withoutDriver() {
    assumeThat(Path.of("/dev/nvidiactl")).doesNotExist();
    assertThat(CudaDriver.whyUnusable()).hasValue(NO_DRIVER);
  }

  @Test
  void withoutGpuCode() throws Exception {
    String classPath =
        String.join(
            File.pathSeparator,
            location(CudaDevice.class),
            location(PrintAvailability.class),
            location(JCudaDriver.class));
    ChildJvm child = ChildJvm.start(PrintAvailability.class, classPath, List.of(), Map.of());
    assertThat(child.output())
        .isEqualTo("Cannot use CUDA: no GPU code in this jar, it was built without nvcc");
  }

  @Test
  void loadingLeavesTheTemporaryFolderAsItWas() {
    String before = System.getProperty("java.io.tmpdir");
    assertThat(CudaDriver.whyUnusable()).isNotNull();
    assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(before);
  }

  /** The torn file is what a process sees while another one unpacks to JCuda's own place. */
  @Test
  void processesUnpackSideBySide(@TempDir Path folder) throws IOException {
    Path torn =
        folder.resolve(
            LibUtils.createLibraryFileName(
                LibUtils.createPlatformLibraryName("JCudaDriver-12.6.0")));
    Files.writeString(torn, "half");
    List<ChildJvm> children = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      children.add(
          ChildJvm.start(
              PrintAvailability.class,
              ChildJvm.classPath(),
              List.of("-Djava.io.tmpdir=" + folder),
              Map.of()));
    }
    String expected = CudaDevice.whyUnavailable(0).orElse(PrintAvailability.AVAILABLE);
    for (ChildJvm child : children) {
      assertThat(child.output()).isEqualTo(expected).doesNotContain("does not load");
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(torn);
    }
  }

  @Test
  void saysWhyTheLibraryDoesNotLoad() {
    assertThat(
            CudaDriver.whyNotLoaded(
                """
                Error while loading native library "JCudaDriver"
                Stack trace from the attempt to load the library as a file:
                java.lang.UnsatisfiedLinkError: no JCudaDriver in java.library.path
                	at java.base/java.lang.ClassLoader.loadLibrary(ClassLoader.java:2434)
                Stack trace from the attempt to load the library as a resource:
                java.lang.UnsatisfiedLinkError: /tmp/x.so: failed to map segment: not permitted
                	at jcuda.LibUtils.loadLibraryResource(LibUtils.java:285)
                ---(end of nested stack traces)---
                """))
        .isEqualTo(
            "JCuda's library does not load: /tmp/x.so: failed to map segment: not permitted");
    assertThat(
            CudaDriver.whyNotLoaded(
                "/tmp/x.so: libcuda.so.1: cannot open shared object file: No such file"))
        .isEqualTo(NO_DRIVER);
  }

  @Test
  void saysWhyTheDriverDoesNotStart() {
    assertThat(CudaDriver.whyNotStarted(CUresult.CUDA_ERROR_NO_DEVICE, null))
        .isEqualTo("the NVIDIA driver shows no device");
    assertThat(CudaDriver.whyNotStarted(CUresult.CUDA_ERROR_NO_DEVICE, "7"))
        .isEqualTo("the NVIDIA driver shows no device, CUDA_VISIBLE_DEVICES is \"7\"");
    assertThat(CudaDriver.whyNotStarted(CUresult.CUDA_ERROR_STUB_LIBRARY, null))
        .isEqualTo("no NVIDIA driver on this host (libcuda.so.1 is the CUDA toolkit's stub)");
    assertThat(CudaDriver.whyNotStarted(CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, null))
        .isEqualTo("the NVIDIA driver does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)");
  }

  @Test
  void saysThatTheDriverIsTooOld() {
    assertThat(CudaDriver.whyTooOld(12_080))
        .hasValue(
            "the NVIDIA driver supports CUDA 12.8, expected 13.0 or newer (driver 580 or newer)");
    assertThat(CudaDriver.whyTooOld(13_000)).isEmpty();
    assertThat(CudaDriver.whyTooOld(13_010)).isEmpty();
  }

  private static String location(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
