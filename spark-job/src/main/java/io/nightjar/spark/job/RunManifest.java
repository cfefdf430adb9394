package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.manifest.SecretMask;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;

/**
 * Says in a {@link Manifest} what a run was and did.
 *
 * @param runId the run's id
 * @param conf its config
 * @param model what it scores with
 * @param plan what it does
 * @param target where readers look
 * @param application Spark's id
 * @param stages what its time went to
 */
record RunManifest(
    String runId,
    ScoringConf conf,
    ModelInfo model,
    RunPlan plan,
    String target,
    String application,
    Stages stages) {
  private static final SecretMask MASK = new SecretMask(Pattern.compile(SecretMask.DEFAULT_KEYS));

  /** Of a run whose scores are about to be published. */
  String published(ScoredRows rows) {
    return manifest(
        new Manifest.Exit(Manifest.State.PUBLISHED, ExitCode.OK.code(), ""),
        Optional.of(new Manifest.Output(target, rows.written(), rows.files(), rows.bytes())));
  }

  /** Of a run that failed. */
  String failed(JobException why) {
    return manifest(
        new Manifest.Exit(Manifest.State.FAILED, why.exitCode().code(), why.getMessage()),
        Optional.empty());
  }

  private String manifest(Manifest.Exit exit, Optional<Manifest.Output> output) {
    Instant ended = Instant.now();
    return ManifestFile.toJson(
        new Manifest(
            Manifest.FORMAT,
            Manifest.FORMAT_VERSION,
            new Manifest.Run(
                runId, conf.output().runDate(), application, ended.minus(stages.total()), ended),
            exit,
            Optional.of(
                new Manifest.Model(
                    model.config().name(), model.version(), model.version(), conf.spec().model())),
            conf.settings().stream().map(RunManifest::setting).toList(),
            plan.input().sources().stream().map(RunManifest::input).toList(),
            output,
            ScoringStatistics.EMPTY,
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.of(compute()),
            stages.times().entrySet().stream()
                .map(
                    stage ->
                        new Manifest.Stage(
                            stage.getKey(), stage.getValue().toNanos() / 1e9, Optional.empty()))
                .toList(),
            List.of(),
            Map.of("java", System.getProperty("java.version"))));
  }

  private Manifest.Compute compute() {
    return new Manifest.Compute(
        plan.backend().backend().name().toLowerCase(Locale.ROOT),
        plan.backend().toString(),
        conf.spec().precision().name().toLowerCase(Locale.ROOT),
        System.getProperty("os.arch"),
        "",
        "");
  }

  private static Manifest.Setting setting(Setting setting) {
    return new Manifest.Setting(
        setting.key(), MASK.mask(setting.key(), setting.value()), setting.origin());
  }

  private static Manifest.Input input(InputTable table) {
    return new Manifest.Input(
        table.name(),
        table.path(),
        table.files().size(),
        table.files().stream().mapToLong(FileStatus::getLen).sum(),
        Optional.empty());
  }
}
