package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.model.ModelContent;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.Manifest.State;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyData;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves beside its scores, or instead of them. */
class TestRunRecords {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    TinyData.write(LocalSpark.session(), folder.resolve("examples"), 40, 1, 1, 10);
    TinyModel.write(folder.resolve("model"), 1, 1, 10);
    Files.writeString(
        folder.resolve("job.conf"),
        """
        nightjar {
          model = model
          input { examples = examples }
          output { path = out, keep-columns = [id] }
          metrics.text-file = "%s"
        }
        """
            .formatted(folder.resolve("nightjar.prom")));
  }

  @Test
  void aRunThatPublishes() throws IOException {
    assertThat(run("2026-11-22").exit()).isEqualTo(ExitCode.OK);
    assertThat(run("2026-11-23").exit()).isEqualTo(ExitCode.OK);

    Path published = folder.resolve("out/run_date=2026-11-23");
    Manifest manifest = manifest(published);
    assertThat(manifest.exit()).isEqualTo(new Manifest.Exit(State.PUBLISHED, 0, ""));
    assertThat(manifest.run().application())
        .isEqualTo(LocalSpark.session().sparkContext().applicationId());
    Manifest.Model model = manifest.model().orElseThrow();
    assertThat(model.name()).isEqualTo("tiny");
    assertThat(model.content()).contains(ModelContent.hash(folder.resolve("model")));
    assertThat(manifest.statistics().rowsIn()).isEqualTo(40);
    assertThat(manifest.inputs())
        .singleElement()
        .satisfies(
            input -> {
              assertThat(input.name()).isEqualTo("input.examples");
              assertThat(input.rows()).contains(40L);
            });
    assertThat(manifest.output().orElseThrow().rows()).isEqualTo(40);
    assertThat(manifest.compute())
        .hasValueSatisfying(
            compute -> {
              assertThat(compute.backend()).isEqualTo("cpu");
              assertThat(compute.device()).isEqualTo(System.getProperty("os.arch"));
              assertThat(compute.driver()).isEmpty();
            });
    assertThat(manifest.units().stream().mapToLong(Manifest.Unit::rows).sum()).isEqualTo(40);
    assertThat(manifest.stages())
        .extracting(Manifest.Stage::name)
        .containsExactly("start", "check", "score", "gates");
    assertThat(manifest.stages())
        .allMatch(stage -> stage.rowsPerSecond().isPresent() == !stage.name().equals("start"))
        .allMatch(
            stage ->
                stage.rowsPerSecond().isEmpty()
                    || stage.rowsPerSecond().get() == 40 / stage.seconds());
    assertThat(manifest.versions())
        .containsEntry("spark", "4.1.3")
        .containsKeys("nightjar", "java");
    assertThat(manifest.config())
        .contains(new Manifest.Setting("output.keep-columns", "[\"id\"]", "job.conf:4"));
    assertThat(Files.readString(published.resolve("_REPORT.html")))
        .contains("<h1>tiny · 2026-11-23 <span class=\"state good\">✓ published</span></h1>");
    assertThat(Files.readString(folder.resolve("nightjar.prom")))
        .contains(
            "\nnightjar_run_published 1\n", "\nnightjar_rows_in 40\n", "run_date=\"2026-11-23\"");
    // Readers of the folder take neither for data.
    assertThat(LocalSpark.session().read().parquet(folder.resolve("out").toString()).count())
        .isEqualTo(80);
    assertThat(status("2026-11-23").exit()).isEqualTo(ExitCode.OK);
  }

  @Test
  void aRunThatFails() throws IOException {
    JobRun failed = run("2026-11-23", "-D", "features.s0.hash-mod=10", "-D", "features.s0.sql=1/0");
    assertThat(failed.exit()).isEqualTo(ExitCode.INPUT);

    Path own = only(folder.resolve(".nightjar/out/2026-11-23"));
    Manifest manifest = manifest(own);
    assertThat(manifest.exit().state()).isEqualTo(State.FAILED);
    assertThat(manifest.exit().code()).isEqualTo(3);
    assertThat("nightjar: error: " + manifest.exit().message() + "\n").isEqualTo(failed.err());
    assertThat(Files.readString(own.resolve("_REPORT.html"))).contains("✗ failed, exit code 3");
    assertThat(Files.readString(folder.resolve("nightjar.prom")))
        .contains("\nnightjar_run_published 0\n", "\nnightjar_run_exit_code 3\n");
    assertThat(folder.resolve("out")).doesNotExist();

    JobRun status = status("2026-11-23");
    assertThat(status.exit()).isEqualTo(ExitCode.INPUT);
    assertThat(status.out()).contains("failed, exit code 3\n", manifest.exit().message());
  }

  @Test
  void aRunThatFailsBeforeItHoldsTheLock() throws IOException {
    JobRun failed = run("2026-11-23", "-D", "input.examples=absent");
    assertThat(failed.exit()).isEqualTo(ExitCode.INPUT);

    Path own = only(folder.resolve(".nightjar/out/2026-11-23"));
    assertThat(own.getFileName().toString()).startsWith("run-early-");
    Manifest manifest = manifest(own);
    assertThat(manifest.run().id()).isEqualTo("unknown");
    assertThat(manifest.exit().code()).isEqualTo(3);
    assertThat("nightjar: error: " + manifest.exit().message() + "\n").isEqualTo(failed.err());
    assertThat(manifest.model().orElseThrow().name()).isEqualTo("tiny");
    assertThat(manifest.config()).isNotEmpty();
    assertThat(manifest.versions()).containsEntry("spark", "4.1.3");
    assertThat(Files.readString(own.resolve("_REPORT.html"))).contains("✗ failed, exit code 3");
    assertThat(Files.readString(folder.resolve("nightjar.prom")))
        .contains("\nnightjar_run_published 0\n", "\nnightjar_run_exit_code 3\n");

    assertThat(run("2026-11-23").exit()).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve(".nightjar")).doesNotExist();
  }

  /** It is not known where it would have gone, or not to be trusted. */
  @Test
  void aRunWhoseConfigIsWrongTouchesNothing() {
    assertThat(run("2026-11-23", "-D", "precision=fp64").exit()).isEqualTo(ExitCode.CONFIG);
    assertThat(run("2026-11-23", "-D", "output.path=examples/out").exit())
        .isEqualTo(ExitCode.CONFIG);

    assertThat(folder.resolve(".nightjar")).doesNotExist();
    assertThat(folder.resolve("examples/.nightjar")).doesNotExist();
  }

  @Test
  void secretsAreMasked() throws IOException {
    // Nothing listens at port 1: that is a warning, for the run is published by then.
    assertThat(
            run("2026-11-23", "-D", "metrics.push-gateway=http://me:pass@127.0.0.1:1/job").exit())
        .isEqualTo(ExitCode.OK);

    Path published = folder.resolve("out/run_date=2026-11-23");
    assertThat(manifest(published).config())
        .contains(
            new Manifest.Setting(
                "metrics.push-gateway",
                "\"http://********@127.0.0.1:1/job\"",
                "-D metrics.push-gateway"));
    for (String file : List.of("_MANIFEST.json", "_REPORT.html")) {
      assertThat(Files.readString(published.resolve(file))).doesNotContain("pass@");
    }
  }

  @Test
  void targetsThatCannotBe() {
    assertThat(run("2026-11-23", "-D", "metrics.text-file=/tmp/x").err())
        .contains(
            "Invalid metrics.text-file: /tmp/x, expected an absolute path of this host that ends in"
                + " .prom");
    assertThat(run("2026-11-23", "-D", "metrics.push-gateway=host:9091").err())
        .contains(
            "Invalid metrics.push-gateway: host:9091, expected a URL such as"
                + " http://host:9091/metrics/job/ctr");
  }

  private JobRun run(String date, String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("score", "--config", folder.resolve("job.conf").toString()));
    args.addAll(List.of("--run-date", date));
    args.addAll(List.of(more));
    return JobRun.of(args.toArray(String[]::new));
  }

  private JobRun status(String date) {
    return JobRun.of(
        "status", "--config", folder.resolve("job.conf").toString(), "--run-date", date);
  }

  private static Manifest manifest(Path folder) throws IOException {
    return ManifestFile.parse("m", Files.readString(folder.resolve(ManifestFile.NAME)));
  }

  private static Path only(Path workshop) throws IOException {
    try (Stream<Path> runs = Files.list(workshop)) {
      List<Path> found = runs.toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }
}
