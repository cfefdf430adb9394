package io.nightjar.spark.job;

import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.metrics.MetricsTargets;
import io.nightjar.spark.metrics.RunMetric;
import io.nightjar.spark.report.Report;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What is told of a run beside its manifest: the report, and figures for those who watch many runs.
 *
 * @param files the file system of the run's folder
 * @param targets where figures go beside Spark's own metrics
 */
record RunRecords(FileSystem files, MetricsTargets targets) {

  /**
   * Writes the report into {@code folder}.
   *
   * @param last the manifest of the run before, as JSON
   */
  void report(Path folder, Manifest run, Optional<String> last) throws IOException {
    Optional<Manifest> before =
        last.isEmpty()
            ? Optional.empty()
            : Optional.of(ManifestFile.parse("of the last published run", last.get()));
    try (OutputStream out =
        files.createFile(new Path(folder, Report.NAME)).overwrite(true).build()) {
      out.write(Report.of(run, before).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Sends the figures of a run that ended. */
  void figures(Manifest run) {
    List<RunMetric> metrics = RunMetric.of(run);
    targets.send(metrics);
    Map<String, Double> figures =
        metrics.stream()
            .filter(metric -> metric.labels().isEmpty())
            .collect(Collectors.toMap(RunMetric::name, RunMetric::value));
    ScoringDriver.current().ifPresent(driver -> driver.report(figures));
  }
}
