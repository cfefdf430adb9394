package io.nightjar.spark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.nightjar.spark.manifest.SampleManifest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestMetrics {
  @TempDir private Path folder;

  private final List<String> requests = new ArrayList<>();
  private final AtomicInteger status = new AtomicInteger(200);
  private HttpServer gateway;

  @BeforeEach
  void listen() throws IOException {
    gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/",
        exchange -> {
          String user = exchange.getRequestHeaders().getFirst("Authorization");
          requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + user);
          requests.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    gateway.start();
  }

  @AfterEach
  void close() {
    gateway.stop(0);
  }

  private URI url(String user) {
    return URI.create(
        "http://" + user + "127.0.0.1:" + gateway.getAddress().getPort() + "/metrics/job/ctr");
  }

  @Test
  void aRunAsText() {
    assertThat(PrometheusText.of(RunMetric.of(SampleManifest.published())).lines())
        .startsWith(
            "# HELP nightjar_run_info Which run it was; always 1.",
            "# TYPE nightjar_run_info gauge",
            "nightjar_run_info{backend=\"cuda\",model=\"ctr\",model_version=\"2026-11-20\",run_date=\"2026-11-23\",run_id=\"2026-11-23-7f3a9c\"} 1",
            "# HELP nightjar_run_published 1 if readers see its scores.",
            "# TYPE nightjar_run_published gauge",
            "nightjar_run_published 1")
        .contains(
            "nightjar_run_exit_code 0",
            "nightjar_run_end_time_seconds 1795399300",
            "nightjar_run_duration_seconds 100",
            "nightjar_rows_in 4000100",
            "nightjar_rows_scored 4000000",
            "nightjar_rows_bad 100",
            "nightjar_output_bytes 50331648",
            "nightjar_gates_failed 1",
            "nightjar_device_busy_share 0.125")
        .endsWith(
            "# HELP nightjar_stage_seconds The driver's time.",
            "# TYPE nightjar_stage_seconds gauge",
            "nightjar_stage_seconds{stage=\"start\"} 8.5",
            "nightjar_stage_seconds{stage=\"check\"} 3.25",
            "nightjar_stage_seconds{stage=\"score\"} 80",
            "nightjar_stage_seconds{stage=\"publish\"} 8.25");
  }

  @Test
  void aRunThatFailed() {
    assertThat(PrometheusText.of(RunMetric.of(SampleManifest.failed())).lines())
        .contains("nightjar_run_published 0", "nightjar_run_exit_code 4", "nightjar_rows_in 0")
        .noneMatch(line -> line.startsWith("nightjar_device_busy_share"));
  }

  @Test
  void valuesThatNeedCare() {
    Map<String, String> labels = Map.of("a", "quote \" slash \\ line\n");

    assertThat(
            PrometheusText.of(
                List.of(
                    new RunMetric("x", "X.", labels, Double.NaN),
                    new RunMetric("x", "X.", Map.of(), Double.POSITIVE_INFINITY),
                    new RunMetric("y", "Y.", Map.of(), Double.NEGATIVE_INFINITY),
                    new RunMetric("y", "Y.", Map.of(), 1.5e-9))))
        .isEqualTo(
            """
            # HELP nightjar_x X.
            # TYPE nightjar_x gauge
            nightjar_x{a="quote \\" slash \\\\ line\\n"} NaN
            nightjar_x +Inf
            # HELP nightjar_y Y.
            # TYPE nightjar_y gauge
            nightjar_y -Inf
            nightjar_y 0.0000000015
            """);
  }

  @Test
  void arePushed() {
    List<RunMetric> metrics = RunMetric.of(SampleManifest.published());

    new MetricsTargets(Optional.of(url("")), Optional.empty()).send(metrics);
    new MetricsTargets(Optional.of(url("me:pass@")), Optional.empty()).send(metrics);

    assertThat(requests)
        .containsExactly(
            "PUT /metrics/job/ctr null",
            PrometheusText.of(metrics),
            "PUT /metrics/job/ctr Basic bWU6cGFzcw==",
            PrometheusText.of(metrics));
  }

  @Test
  void areWrittenWhole() throws IOException {
    Path file = folder.resolve("nightjar.prom");
    MetricsTargets targets = new MetricsTargets(Optional.empty(), Optional.of(file));

    targets.send(RunMetric.of(SampleManifest.failed()));
    targets.send(RunMetric.of(SampleManifest.published()));

    assertThat(file).hasContent(PrometheusText.of(RunMetric.of(SampleManifest.published())));
    assertThat(folder)
        .isDirectoryContaining("glob:**.prom")
        .isDirectoryNotContaining("glob:**.unfinished");
  }

  @Test
  void aTargetThatDoesNotTakeThemDoesNotKeepThemFromTheOther() {
    status.set(500);
    Path file = folder.resolve("nightjar.prom");
    List<RunMetric> metrics = RunMetric.of(SampleManifest.published());

    new MetricsTargets(Optional.of(url("")), Optional.of(file)).send(metrics);
    gateway.stop(0);
    new MetricsTargets(Optional.of(url("")), Optional.of(folder.resolve("absent/x.prom")))
        .send(metrics);

    assertThat(requests).hasSize(2);
    assertThat(file).exists();
  }
}
