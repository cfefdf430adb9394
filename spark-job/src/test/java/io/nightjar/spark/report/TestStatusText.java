package io.nightjar.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.manifest.SampleManifest;
import org.junit.jupiter.api.Test;

class TestStatusText {
  @Test
  void aRunThatPublished() {
    assertThat(StatusText.lines(SampleManifest.published()))
        .containsExactly(
            "Run 2026-11-23-7f3a9c for 2026-11-23: published, exit code 0",
            "  model     ctr 2026-11-20 hdfs://name/models/ctr/2026-11-20",
            "  backend   cuda fp32 (the config says so) on NVIDIA H200, 580.95, auto",
            "  input     users: hdfs://name/users",
            "  input     candidates: hdfs://name/candidates",
            "  rows      4,000,100 to score, 4,000,000 scored, 100 bad",
            "  bad rows  70 row-id-out-of-range in s3",
            "  bad rows  20 row-id-out-of-range in s7",
            "  bad rows  10 missing-user in user_id",
            "  bad rows  are in hdfs://name/.nightjar/scores/quarantine",
            "  scores    mean 0.07315, median 0.04743, from 0.0009766 to 0.9375",
            "  gate      row-count passed: 4,000,000 of 4,000,100 − 100 bad",
            "  gate      psi failed: PSI 0.31 is above 0.2",
            "  gate      duplicate-keys skipped: not checked",
            "  output    hdfs://name/scores/run_date=2026-11-23 (8 files, 48.0 MiB)",
            "  time      1 min 40 s from 2026-11-23T02:00:00Z",
            "            start 8.5 s · check 3.3 s · score 1 min 20 s · publish 8.3 s",
            "            50,001 rows/s",
            "  tasks     64 batches of 62,501 rows · open 7.0 s · decode 42 s · look up 28 s · fill 14 s · wait 49 s · compute 35 s · copy out 21 s · write 7.0 s, added up over all",
            "  device    copy in 1.5 s (7.0 GiB) · compute 3.0 s · copy out 4.5 s (8.4 GiB) · at work 12.5 %",
            "  bound by  too few scorers, 24.1 % of the tasks' time");
  }

  @Test
  void aRunThatFailed() {
    assertThat(StatusText.lines(SampleManifest.failed("no model")))
        .containsExactly(
            "Run 2026-11-23-000000 for 2026-11-23: failed, exit code 4",
            "  message   no model",
            "  rows      0 to score, 0 scored, 0 bad",
            "  time      1.5 s from 2026-11-23T02:00:00Z");
  }
}
