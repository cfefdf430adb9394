package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.gates.GateResult;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.SecretMask;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.SparkBuildInfo;
import org.apache.spark.SparkConf;

/**
 * Says in a {@link Manifest} what a run was and did, as far as it came: a run learns what it is one
 * thing after another.
 */
final class RunManifest {
  /** The id of a run that failed before it knew its model and its input. */
  private static final String UNKNOWN = "unknown";

  /** The stage that comes before any row. */
  static final String START = "start";

  private final SparkConf spark;
  private final Stages stages;
  private ScoringConf conf;
  private Optional<ModelInfo> model = Optional.empty();
  private Optional<RunPlan> plan = Optional.empty();
  private String runId = UNKNOWN;
  private String application = "";
  private Map<String, Long> counts = Map.of();
  private Optional<ScoredRows> rows = Optional.empty();

  /**
   * Of a run that has read its config.
   *
   * @param spark what it was submitted with
   * @param stages what its time goes to
   */
  RunManifest(ScoringConf conf, SparkConf spark, Stages stages) {
    this.conf = conf;
    this.spark = spark;
    this.stages = stages;
  }

  /** It knows its model, and {@code resolved} says which that is. */
  void found(ScoringConf resolved, ModelInfo info) {
    conf = resolved;
    model = Optional.of(info);
  }

  /** It knows what it will do. */
  void planned(String id, RunPlan whole, String applicationId) {
    runId = id;
    plan = Optional.of(whole);
    application = applicationId;
  }

  /** It knows how many rows its tables have, by their names. */
  void counted(Map<String, Long> tables) {
    counts = Map.copyOf(tables);
  }

  /** It has scored. */
  void staged(ScoredRows scored) {
    rows = Optional.of(scored);
  }

  /**
   * Of a run whose scores are about to be published.
   *
   * @param target where readers look
   */
  Manifest published(String target) {
    return manifest(
        new Manifest.Exit(Manifest.State.PUBLISHED, ExitCode.OK.code(), ""),
        rows.map(done -> new Manifest.Output(target, done.written(), done.files(), done.bytes())));
  }

  /** Of a run that failed. */
  Manifest failed(Exception failure) {
    JobException why = Failures.explain(failure);
    return manifest(
        new Manifest.Exit(Manifest.State.FAILED, why.exitCode().code(), why.getMessage()),
        Optional.empty());
  }

  private Manifest manifest(Manifest.Exit exit, Optional<Manifest.Output> output) {
    ScoringStatistics statistics = rows.map(ScoredRows::statistics).orElse(ScoringStatistics.EMPTY);
    return new Manifest(
        Manifest.FORMAT,
        Manifest.FORMAT_VERSION,
        new Manifest.Run(
            runId, conf.output().runDate(), application, stages.begun(), Instant.now()),
        exit,
        model.map(this::model),
        settings(),
        plan.map(whole -> whole.input().sources()).orElse(List.of()).stream()
            .map(this::input)
            .toList(),
        output,
        statistics,
        Manifest.quantiles(statistics.scores().histogram()),
        rows.flatMap(ScoredRows::quarantine),
        rows.map(ScoredRows::gates).orElse(List.of()).stream().map(RunManifest::gate).toList(),
        plan.map(whole -> compute(whole.backend(), busyShare(whole.backend()))),
        times(statistics),
        rows.map(ScoredRows::units).orElse(List.of()),
        versions());
  }

  private Manifest.Model model(ModelInfo info) {
    return new Manifest.Model(
        info.config().name(),
        conf.spec().modelVersion().orElse(info.version()),
        info.version(),
        rows.map(ScoredRows::content).filter(content -> !content.isEmpty()),
        conf.spec().model());
  }

  private List<Manifest.Setting> settings() {
    SecretMask mask =
        new SecretMask(
            Pattern.compile(spark.get("spark.redaction.regex", SecretMask.DEFAULT_KEYS)));
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
              boolean counts = !stage.getKey().equals(START) && statistics.rowsIn() > 0;
              Optional<Double> rate =
                  counts && seconds > 0
                      ? Optional.of(statistics.rowsIn() / seconds)
                      : Optional.empty();
              return new Manifest.Stage(stage.getKey(), seconds, rate);
            })
        .toList();
  }

  private Manifest.Compute compute(ChosenBackend backend, Optional<Double> busyShare) {
    UsedHardware used = UsedHardware.of(backend);
    return new Manifest.Compute(
        backend.backend().name().toLowerCase(Locale.ROOT),
        backend.why(),
        conf.spec().precision().name().toLowerCase(Locale.ROOT),
        used.device(),
        used.driver(),
        used.kernelVariant(),
        used.kernelTimes(),
        used.deviceMemory(),
        busyShare);
  }

  /** Share of the time of scoring in which the devices were at work, if that is known. */
  Optional<Double> busyShare(ChosenBackend backend) {
    Duration scoring = stages.times().get(RunSummary.SCORE);
    Long busy =
        rows.map(done -> done.statistics().device().get(DeviceCount.BUSY_NANOS)).orElse(null);
    int devices =
        ScoringDriver.current().map(driver -> driver.executors(backend.backend())).orElse(0);
    boolean kept =
        rows.map(ScoredRows::units).orElse(List.of()).stream().anyMatch(Manifest.Unit::kept);
    return scoring == null || busy == null || devices == 0 || kept
        ? Optional.empty()
        : Optional.of(busy / ((double) scoring.toNanos() * devices));
  }

  private static Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("nightjar", JobCommand.VERSION);
    versions.put("spark", SparkBuildInfo.spark_version());
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

  private Manifest.Input input(InputTable table) {
    return new Manifest.Input(
        table.name(),
        table.path(),
        table.files().size(),
        table.files().stream().mapToLong(FileStatus::getLen).sum(),
        Optional.ofNullable(counts.get(table.name())));
  }
}
