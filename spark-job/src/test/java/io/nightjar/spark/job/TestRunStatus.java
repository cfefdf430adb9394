package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.manifest.SampleManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code status} finds, by the job's own entry. */
class TestRunStatus {
  @TempDir private Path folder;

  private Path published;
  private Path workshop;

  @BeforeEach
  void write() throws IOException {
    published = folder.resolve("out/run_date=2026-11-23");
    workshop = folder.resolve(".nightjar/out/2026-11-23");
    Files.writeString(
        folder.resolve("job.conf"),
        """
        nightjar {
          model = absent
          input { examples = absent }
          output { path = out }
        }
        """);
  }

  @Test
  void theRunThatReadersSee() throws IOException {
    leave(published, SampleManifest.published());

    JobRun status = status();
    assertThat(status.exit()).isEqualTo(ExitCode.OK);
    assertThat(status.out())
        .startsWith("Run 2026-11-23-7f3a9c for 2026-11-23: published, exit code 0\n")
        .endsWith("  manifest  file:" + published + "/_MANIFEST.json\n");
  }

  @Test
  void aRunThatFailedAfterIt() throws IOException {
    leave(published, SampleManifest.yesterday());
    leave(workshop.resolve("run-b-2"), SampleManifest.failed());

    JobRun status = status();
    assertThat(status.exit()).isEqualTo(ExitCode.MODEL);
    assertThat(status.out())
        .startsWith("Run 2026-11-23-000000 for 2026-11-23: failed, exit code 4\n")
        .contains("  message   Invalid model directory hdfs://name/models/ctr: no model.json");
  }

  @Test
  void aRunThatPublishedAfterOneFailed() throws IOException {
    leave(workshop.resolve("run-a-1"), SampleManifest.failed());
    leave(published, SampleManifest.published());

    assertThat(status().exit()).isEqualTo(ExitCode.OK);
  }

  @Test
  void aRunThatWasTurnedAwaySaysNothingOfTheDate() throws IOException {
    leave(published, SampleManifest.yesterday());
    leave(workshop.resolve("run-early-2"), turnedAway());
    assertThat(status().exit()).isEqualTo(ExitCode.OK);

    Files.delete(published.resolve(ManifestFile.NAME));
    assertThat(status().exit()).isEqualTo(ExitCode.LOCKED);
  }

  private static Manifest turnedAway() throws IOException {
    return ManifestFile.parse(
        "m", ManifestFile.toJson(SampleManifest.failed()).replace("\"code\" : 4", "\"code\" : 8"));
  }

  @Test
  void aRunThatLeftNoWord() throws IOException {
    leave(published, SampleManifest.published());
    Files.createDirectories(workshop.resolve("run-c-3"));
    Files.createDirectories(workshop.resolve("lock-1"));

    assertThat(status().out())
        .endsWith("  at work, or killed: file:" + workshop.resolve("run-c-3") + "\n");
  }

  @Test
  void noRun() throws IOException {
    Files.createDirectories(workshop.resolve("run-c-3"));

    JobRun status = status();
    assertThat(status.exit()).isEqualTo(ExitCode.INPUT);
    assertThat(status.err())
        .isEqualTo(
            "nightjar: error: Cannot tell the status: no run has left a manifest in file:%s or file:%s; at work, or killed: [file:%s]\n"
                .formatted(published, workshop, workshop.resolve("run-c-3")));
  }

  @Test
  void everyExitCodeHasItsNumber() {
    for (ExitCode exit : ExitCode.values()) {
      assertThat(ExitCode.of(exit.code())).isEqualTo(exit);
    }
    assertThat(ExitCode.of(99)).isEqualTo(ExitCode.UNEXPECTED);
  }

  private static void leave(Path folder, Manifest manifest) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(ManifestFile.NAME), ManifestFile.toJson(manifest));
  }

  private JobRun status() {
    return JobRun.of(
        "status", "--config", folder.resolve("job.conf").toString(), "--run-date", "2026-11-23");
  }
}
