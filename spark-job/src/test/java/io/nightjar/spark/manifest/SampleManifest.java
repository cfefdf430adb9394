package io.nightjar.spark.manifest;

import io.nightjar.spark.manifest.Manifest.State;
import io.nightjar.spark.spec.BadRowReason;
import io.nightjar.spark.statistics.DenseStatistics;
import io.nightjar.spark.statistics.DeviceCount;
import io.nightjar.spark.statistics.ScoreHistogram;
import io.nightjar.spark.statistics.ScoreStatistics;
import io.nightjar.spark.statistics.ScoringStatistics;
import io.nightjar.spark.statistics.SparseStatistics;
import io.nightjar.spark.statistics.Stage;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Manifests in which every part says something, and one that says as little as there can be. */
public final class SampleManifest {
  private static final Instant START = Instant.parse("2026-11-23T02:00:00Z");

  private static final ScoringStatistics STATISTICS = statistics(-3);

  private SampleManifest() {}

  /** A run that published 4 million scores. */
  public static Manifest published() {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.FORMAT_VERSION,
        new Manifest.Run(
            "2026-11-23-7f3a9c",
            Optional.of(LocalDate.of(2026, 11, 23)),
            "app-20261123020000-0007",
            START,
            START.plusSeconds(100)),
        new Manifest.Exit(State.PUBLISHED, 0, ""),
        Optional.of(
            new Manifest.Model(
                "ctr",
                "2026-11-20",
                "0123456789abcdef0123456789abcdef",
                Optional.of("fedcba9876543210fedcba9876543210"),
                "hdfs://name/models/ctr/2026-11-20")),
        List.of(
            new Manifest.Setting("backend", "cuda", "ctr.conf:3"),
            new Manifest.Setting("output.path", "\"hdfs://name/scores\"", "ctr.conf:9")),
        List.of(
            new Manifest.Input("users", "hdfs://name/users", 8, 1_073_741_824, Optional.empty()),
            new Manifest.Input(
                "candidates", "hdfs://name/candidates", 20, 536_870_912, Optional.of(4_000_100L))),
        Optional.of(
            new Manifest.Output(
                "hdfs://name/scores/run_date=2026-11-23", 4_000_000, 8, 50_331_648)),
        STATISTICS,
        Manifest.quantiles(STATISTICS.scores().histogram()),
        Optional.of("hdfs://name/.nightjar/scores/quarantine"),
        List.of(
            new Manifest.Gate("row-count", "fail", "passed", "4,000,000 of 4,000,100 − 100 bad"),
            new Manifest.Gate("psi", "warn", "failed", "PSI 0.31 is above 0.2"),
            new Manifest.Gate("duplicate-keys", "off", "skipped", "not checked")),
        Optional.of(
            new Manifest.Compute(
                "cuda",
                "the config says so",
                "fp32",
                "NVIDIA H200",
                "580.95",
                "auto",
                List.of(
                    "bags of 150.0 ids on average: long (short 35.1 us, long 33.5 us, deep 34.0"
                        + " us)"),
                "weights 6664552448 bytes; batches of 65536 rows: 3 streams take 3 x 600 = 1800"
                    + " bytes (inputs 100, vectors 200, activations 300)",
                Optional.of(0.125))),
        List.of(
            new Manifest.Stage("start", 8.5, Optional.empty()),
            new Manifest.Stage("check", 3.25, Optional.of(1_230_800.0)),
            new Manifest.Stage("score", 80.0, Optional.of(50_001.25)),
            new Manifest.Stage("publish", 8.25, Optional.empty())),
        IntStream.range(0, 16)
            .mapToObj(
                i ->
                    new Manifest.Unit(
                        "part-" + i,
                        i == 15 ? 250_100 : 250_000,
                        START.plusSeconds(12 + 5L * i),
                        START.plusSeconds(16 + 5L * i + i % 2),
                        i < 3))
            .toList(),
        Map.of("nightjar", "0.1.0", "spark", "4.1.3", "java", "17.0.15"));
  }

  /** The run of the day before: its scores lie a little lower. */
  public static Manifest yesterday() {
    Manifest today = published();
    ScoringStatistics lower = statistics(-3.2);
    return new Manifest(
        today.format(),
        today.formatVersion(),
        new Manifest.Run(
            "2026-11-22-51bd02",
            Optional.of(LocalDate.of(2026, 11, 22)),
            "app-20261122020000-0006",
            START.minusSeconds(86_400),
            START.minusSeconds(86_300)),
        today.exit(),
        today.model(),
        today.config(),
        today.inputs(),
        today.output(),
        lower,
        Manifest.quantiles(lower.scores().histogram()),
        today.quarantine(),
        today.gates(),
        today.compute(),
        today.stages(),
        today.units(),
        today.versions());
  }

  /** A run whose model could not be read. */
  public static Manifest failed() {
    return failed("Invalid model directory hdfs://name/models/ctr: no model.json, expected one");
  }

  /** A run that failed before it read anything. */
  public static Manifest failed(String message) {
    return new Manifest(
        Manifest.FORMAT,
        Manifest.FORMAT_VERSION,
        new Manifest.Run(
            "2026-11-23-000000",
            Optional.of(LocalDate.of(2026, 11, 23)),
            "",
            START,
            START.plusMillis(1500)),
        new Manifest.Exit(State.FAILED, 4, message),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        ScoringStatistics.EMPTY,
        List.of(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        Map.of("nightjar", "0.1.0"));
  }

  /** Four million scores whose logits have a normal distribution around {@code mean}. */
  private static ScoringStatistics statistics(double mean) {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    int samples = 40_000;
    double sum = 0;
    for (int i = 0; i < samples; i++) {
      // The middle of the i-th of equal shares, by the logistic's own quantiles: heavy tails.
      double share = (i + 0.5) / samples;
      double score = 1 / (1 + Math.exp(-(mean + 0.6 * Math.log(share / (1 - share)))));
      counts.merge(ScoreHistogram.bin((float) score), 100L, Long::sum);
      sum += 100 * score;
    }
    ScoreHistogram histogram = new ScoreHistogram(counts);
    TreeMap<String, SparseStatistics> sparse = new TreeMap<>();
    for (int i = 0; i < 12; i++) {
      sparse.put(
          "s" + i,
          new SparseStatistics(4_000_000, 40_000L * i, 12_000_000L + 17L * i, 1_200L * i * i));
    }
    TreeMap<String, DenseStatistics> dense = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      dense.put("d" + i, new DenseStatistics(4_000_100, 1_000L * i));
    }
    TreeMap<Stage, Long> nanos = new TreeMap<>();
    for (Stage stage : Stage.values()) {
      nanos.put(stage, 7_000_000_000L * (1 + nanos.size() * 5 % 7));
    }
    TreeMap<DeviceCount, Long> device = new TreeMap<>();
    for (DeviceCount count : DeviceCount.values()) {
      device.put(count, 1_500_000_000L * (1 + device.size()));
    }
    return new ScoringStatistics(
        4_000_100,
        4_000_000,
        new TreeMap<>(
            Map.of(
                BadRowReason.ROW_ID_OUT_OF_RANGE,
                new TreeMap<>(Map.of("s3", 70L, "s7", 20L)),
                BadRowReason.MISSING_USER,
                new TreeMap<>(Map.of("user_id", 10L)))),
        new ScoreStatistics(4_000_000, 0, 0, sum, 0.0009765625, 0.9375, histogram),
        sparse,
        dense,
        nanos,
        64,
        device);
  }
}
