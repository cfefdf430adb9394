package io.nightjar.spark.metrics;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the figures of a run go, beside Spark's own metrics.
 *
 * @param pushGateway a Prometheus push gateway's URL with the grouping key: {@code
 *     http://host:9091/metrics/job/ctr}
 * @param textFile a file for the node exporter's textfile collector, on the driver's host
 */
public record MetricsTargets(Optional<URI> pushGateway, Optional<Path> textFile) {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsTargets.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * Sends the figures to every target. A target that does not take them is warned of and passed
   * over: the run is over, and what became of it stands elsewhere.
   */
  public void send(List<RunMetric> metrics) {
    String text = PrometheusText.of(metrics);
    pushGateway.ifPresent(
        gateway -> attempt("push metrics to " + plain(gateway), () -> push(gateway, text)));
    textFile.ifPresent(file -> attempt("write metrics to " + file, () -> write(file, text)));
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(String what, Step step) {
    try {
      step.run();
    } catch (IOException e) {
      LOG.warn("Cannot {}: {}", what, e.toString());
    }
  }

  /** Puts the figures in the place of all that the gateway has of this grouping key. */
  private static void push(URI gateway, String text) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(plain(gateway))
            .timeout(PATIENCE)
            .header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            .PUT(BodyPublishers.ofString(text));
    if (gateway.getUserInfo() != null) {
      byte[] user = gateway.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
    }
    try {
      HttpResponse<String> response =
          HttpClient.newBuilder()
              .connectTimeout(PATIENCE)
              .build()
              .send(request.build(), BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(
            "HTTP status " + response.statusCode() + ": " + response.body().strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  /** The URL without user and password. */
  private static URI plain(URI gateway) {
    return gateway.getUserInfo() == null
        ? gateway
        : URI.create(gateway.toString().replaceFirst("//[^@/]*@", "//"));
  }

  /** By a rename, so that the collector never reads half a file. */
  private static void write(Path file, String text) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.writeString(unfinished, text);
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
