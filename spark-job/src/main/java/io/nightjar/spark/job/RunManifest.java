package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Hardware;
import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.gates.GateResult;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.SecretMask;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.SparkContext;

/**
 * Says in a {@link Manifest} what a run was and did.
 *
 * @param runId the run's id
 * @param conf its config
 * @param model what it scores with
 * @param plan what it does
 * @param target where readers look
 * @param spark what it runs in
 * @param stages what its time went to
 */
record RunManifest(
    String runId,
    ScoringConf conf,
    ModelInfo model,
    RunPlan plan,
    String target,
    SparkContext spark,
    Stages stages) {

  /** Of a run whose scores are about to be published. */
  Manifest published(ScoredRows rows) {
    return manifest(
        new Manifest.Exit(Manifest.State.PUBLISHED, ExitCode.OK.code(), ""),
        Optional.of(new Manifest.Output(target, rows.written(), rows.files(), rows.bytes())),
        Optional.of(rows));
  }

  /**
   * Of a run that failed.
   *
   * @param rows what it had staged by then
   */
  Manifest failed(JobException why, Optional<ScoredRows> rows) {
    return manifest(
        new Manifest.Exit(Manifest.State.FAILED, why.exitCode().code(), why.getMessage()),
        Optional.empty(),
        rows);
  }

  private Manifest manifest(
      Manifest.Exit exit, Optional<Manifest.Output> output, Optional<ScoredRows> rows) {
    ScoringStatistics statistics = rows.map(ScoredRows::statistics).orElse(ScoringStatistics.EMPTY);
    return new Manifest(
        Manifest.FORMAT,
        Manifest.FORMAT_VERSION,
        new Manifest.Run(
            runId, conf.output().runDate(), spark.applicationId(), stages.begun(), Instant.now()),
        exit,
        Optional.of(
            new Manifest.Model(
                model.config().name(),
                conf.spec().modelVersion().orElse(model.version()),
                model.version(),
                rows.map(ScoredRows::content).filter(content -> !content.isEmpty()),
                conf.spec().model())),
        settings(),
        plan.input().sources().stream().map(RunManifest::input).toList(),
        output,
        statistics,
        Manifest.quantiles(statistics.scores().histogram()),
        rows.flatMap(ScoredRows::quarantine),
        rows.map(ScoredRows::gates).orElse(List.of()).stream().map(RunManifest::gate).toList(),
        Optional.of(compute()),
        times(statistics),
        rows.map(ScoredRows::units).orElse(List.of()),
        versions());
  }

  private List<Manifest.Setting> settings() {
    SecretMask mask =
        new SecretMask(
            Pattern.compile(spark.conf().get("spark.redaction.regex", SecretMask.DEFAULT_KEYS)));
    return conf.settings().stream()
        .map(
            setting ->
                new Manifest.Setting(
                    setting.key(), mask.mask(setting.key(), setting.value()), setting.origin()))
        .toList();
  }

  private List<Manifest.Stage> times(ScoringStatistics statistics) {
    return stages.times().entrySet().stream()
        .map(
            stage -> {
              double seconds = stage.getValue().toNanos() / 1e9;
              boolean everyRow = stage.getKey().equals(RunSummary.SCORE) && seconds > 0;
              Optional<Double> rate =
                  everyRow ? Optional.of(statistics.rowsIn() / seconds) : Optional.empty();
              return new Manifest.Stage(stage.getKey(), seconds, rate);
            })
        .toList();
  }

  private Manifest.Compute compute() {
    List<Hardware> used =
        ScoringDriver.current()
            .map(driver -> driver.hardware(plan.backend().backend()))
            .orElse(List.of());
    return new Manifest.Compute(
        plan.backend().backend().name().toLowerCase(Locale.ROOT),
        plan.backend().why(),
        conf.spec().precision().name().toLowerCase(Locale.ROOT),
        distinct(used, Hardware::device),
        distinct(used, Hardware::driver),
        distinct(used, Hardware::kernelVariant));
  }

  private static String distinct(List<Hardware> used, Function<Hardware, String> part) {
    return used.stream().map(part).distinct().collect(Collectors.joining(", "));
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("nightjar", JobCommand.VERSION);
    versions.put("spark", spark.version());
    versions.put("scala", scala.util.Properties.versionNumberString());
    versions.put("hadoop", org.apache.hadoop.util.VersionInfo.getVersion());
    versions.put("java", System.getProperty("java.version"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    return versions;
  }

  private static Manifest.Gate gate(GateResult result) {
    return new Manifest.Gate(
        result.gate().key(),
        result.action().name().toLowerCase(Locale.ROOT),
        result.outcome().name().toLowerCase(Locale.ROOT),
        result.message());
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
