package io.nightjar.spark.manifest;

import io.nightjar.spark.manifest.Manifest.State;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Manifests in which every part says something, and one that says as little as there can be. */
public final class SampleManifest {
  private static final Instant START = Instant.parse("2026-11-23T02:00:00Z");

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
        new Manifest.Rows(4_000_100, 4_000_000, 100),
        Optional.of(
            new Manifest.Scores(
                4_000_000,
                0.125,
                0.0009765625,
                0.9375,
                List.of(
                    new Manifest.Quantile(0.01, 0.0078125),
                    new Manifest.Quantile(0.5, 0.09375),
                    new Manifest.Quantile(0.99, 0.625)),
                histogram(7))),
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    new Manifest.Feature(
                        "s" + i, 4_000_000, 40_000L * i, 12_000_000L + i, i * 1_200L))
            .toList(),
        new Manifest.Quarantine(
            Optional.of("hdfs://name/.nightjar/scores/quarantine"),
            List.of(
                new Manifest.Reason("row-id-out-of-range", 90),
                new Manifest.Reason("missing-user", 10))),
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
                "warp-per-bag-16-rows")),
        List.of(
            new Manifest.Stage("start", 8.5, Optional.empty()),
            new Manifest.Stage("check", 3.25, Optional.of(1_230_800.0)),
            new Manifest.Stage("score", 80.0, Optional.of(50_001.25)),
            new Manifest.Stage("publish", 8.25, Optional.empty())),
        List.of(
            new Manifest.TaskTime("read", 120.5),
            new Manifest.TaskTime("fill", 60.25),
            new Manifest.TaskTime("score", 90.0),
            new Manifest.TaskTime("wait", 10.0),
            new Manifest.TaskTime("write", 30.0)),
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
    Manifest.Scores scores = published().scores().orElseThrow();
    Manifest.Scores lower =
        new Manifest.Scores(
            scores.count(), 0.109375, scores.min(), 0.875, scores.quantiles(), histogram(5));
    Manifest today = published();
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
        today.rows(),
        Optional.of(lower),
        today.features(),
        today.quarantine(),
        today.gates(),
        today.compute(),
        today.stages(),
        today.taskTimes(),
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
        new Manifest.Rows(0, 0, 0),
        Optional.empty(),
        List.of(),
        new Manifest.Quarantine(Optional.empty(), List.of()),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Map.of("nightjar", "0.1.0"));
  }

  /** Forty steps from 0 to 1 that rise to the step {@code peak} and fall from there. */
  private static Manifest.Histogram histogram(int peak) {
    List<Long> counts =
        LongStream.range(0, 40)
            .mapToObj(i -> i <= peak ? 40_000 * (i + 1) : 40_000L * (peak + 1) * 4 / (i - peak + 4))
            .toList();
    return new Manifest.Histogram(0, 1, counts);
  }
}
