package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.gates.Action;
import io.nightjar.spark.gates.Gate;
import io.nightjar.spark.gates.GateResult;
import io.nightjar.spark.manifest.SampleManifest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TestRunSummary {
  @Test
  void aRunIsToldInAFewLines() {
    Map<String, Duration> stages = new LinkedHashMap<>();
    stages.put("start", Duration.ofMillis(2100));
    stages.put(RunSummary.SCORE, Duration.ofSeconds(4));
    stages.put("publish", Duration.ofMillis(40));
    RunSummary summary =
        new RunSummary(
            "ctr",
            "0123abcd",
            "cuda fp32 (backend = cuda)",
            List.of("bags of 150.0 ids on average: long (short 35.1 us, long 33.5 us)"),
            "weights 1000 bytes",
            "hdfs://name/examples",
            1_000_000,
            999_990,
            "dropped",
            "hdfs://name/scores/run_date=2026-11-23",
            1,
            12_582_912,
            Duration.ofNanos(1_500_000),
            stages,
            SampleManifest.published().statistics(),
            Optional.of(0.125),
            List.of(
                result(Gate.ROWS, Action.FAIL, GateResult.Outcome.PASSED, "fine"),
                result(Gate.FINITE, Action.FAIL, GateResult.Outcome.PASSED, "fine"),
                result(Gate.PSI, Action.WARN, GateResult.Outcome.FAILED, "moved far"),
                result(Gate.MEAN, Action.WARN, GateResult.Outcome.SKIPPED, "no last run")));

    assertThat(summary.badRows()).isEqualTo(10);
    assertThat(summary.lines())
        .containsExactly(
            "Nightjar scored 999,990 rows in 6.1 s (250,000 rows/s)",
            "  model     ctr 0123abcd",
            "  backend   cuda fp32 (backend = cuda)",
            "  kernel    bags of 150.0 ids on average: long (short 35.1 us, long 33.5 us)",
            "  memory    weights 1000 bytes",
            "  input     1,000,000 rows of hdfs://name/examples",
            "  bad rows  10 dropped",
            "  output    hdfs://name/scores/run_date=2026-11-23 (1 file, 12.0 MiB)",
            "  gap       1.5 ms, while readers found no scores",
            "  gates     2 passed · 1 failed · 1 skipped",
            "  warning   gate psi: moved far",
            "  time      start 2.1 s · score 4.0 s · publish 0.0 s",
            "  tasks     64 batches of 62,501 rows · open 7.0 s · decode 42 s · look up 28 s · fill 14 s · wait 49 s · compute 35 s · copy out 21 s · write 7.0 s, added up over all",
            "  device    copy in 1.5 s (7.0 GiB) · compute 3.0 s · copy out 4.5 s (8.4 GiB) · at work 12.5 %",
            "  bound by  too few scorers, 24.1 % of the tasks' time");
  }

  private static GateResult result(
      Gate gate, Action action, GateResult.Outcome outcome, String message) {
    return new GateResult(gate, action, outcome, OptionalDouble.empty(), 0, message);
  }
}
