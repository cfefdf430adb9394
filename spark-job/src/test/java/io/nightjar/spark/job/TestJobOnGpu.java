package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.golden.Golden;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scores that PyTorch gave in float64, through the whole job on a GPU. */
@Tag("gpu")
class TestJobOnGpu {
  @TempDir Path folder;

  static List<String> names() {
    return Golden.NAMES;
  }

  @BeforeAll
  static void thereIsADevice() {
    assertThat(DlrmModels.whyUnavailable(Backend.CUDA)).as("why there is no device").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("names")
  void fp32(String name) throws IOException {
    GoldenRun run = GoldenRun.of(name, Backend.CUDA, Precision.FP32, folder);
    assertThat(run).matches(GoldenRun::isWithin);
  }

  /** The manifest, the summary and the SQL tab have the device's own times. */
  @Test
  void theDeviceIsTimed() throws IOException {
    Path conf = folder.resolve("timed.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s", backend = cuda
          input { examples = examples }
          output { path = scores, keep-columns = [], partition-by-run-date = false }
        }
        """
            .formatted(Goldens.folder("dlrm-cat")));
    Goldens.examples(LocalSpark.session(), "dlrm-cat").write().parquet(folder + "/examples");
    JobRun run = JobRun.of("score", "--config", conf.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("\n  device    copy in ", "\n  bound by  ");
    Manifest manifest =
        ManifestFile.parse("m", Files.readString(folder.resolve("scores/_MANIFEST.json")));
    assertThat(manifest.statistics().device().keySet()).containsExactly(DeviceCount.values());
    assertThat(manifest.statistics().device().values()).allMatch(count -> count > 0);
    assertThat(manifest.compute().orElseThrow().busyShare())
        .hasValueSatisfying(share -> assertThat(share).isBetween(0.0, 1.0));
  }

  @ParameterizedTest
  @MethodSource("names")
  void bf16(String name) throws IOException {
    GoldenRun run = GoldenRun.of(name, Backend.CUDA, Precision.BF16, folder);
    assertThat(run).matches(GoldenRun::isWithin);
  }
}
