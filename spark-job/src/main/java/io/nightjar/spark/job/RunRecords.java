package io.nightjar.spark.job;

import io.nightjar.spark.executor.ScoringDriver;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.metrics.MetricsTargets;
import io.nightjar.spark.metrics.RunMetric;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.publish.RunFolder;
import io.nightjar.spark.report.Report;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * What is told of a run beside its manifest: the report, and figures for those who watch many runs.
 *
 * @param output where runs for this date work, and publish unless they do so to a table
 * @param conf what the config says of that
 * @param targets where figures go beside Spark's own metrics
 */
record RunRecords(OutputFolder output, OutputConf conf, MetricsTargets targets) {

  /** Before publishing: the report goes with the scores. */
  void staged(RunFolder folder, Manifest run) throws IOException {
    report(folder.scores(), run);
  }

  /** After publishing. A table has no room for files: they lie where its scores would. */
  void published(Manifest run) throws IOException {
    if (conf.table().isPresent()) {
      output.fs().mkdirs(output.published());
      report(output.published(), run);
      ManifestFile.write(run, output.fs(), output.published());
    }
    figures(run);
  }

  /** A run that failed leaves its word in its own folder. */
  void failed(RunFolder folder, Manifest run) throws IOException {
    folder.fail(ManifestFile.toJson(run));
    report(folder.path(), run);
    figures(run);
  }

  private void report(Path folder, Manifest run) throws IOException {
    Optional<String> last = output.lastManifest();
    Optional<Manifest> before =
        last.isEmpty()
            ? Optional.empty()
            : Optional.of(ManifestFile.parse("of the last published run", last.get()));
    try (OutputStream out =
        output.fs().createFile(new Path(folder, Report.NAME)).overwrite(true).build()) {
      out.write(Report.of(run, before).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void figures(Manifest run) {
    List<RunMetric> metrics = RunMetric.of(run);
    targets.send(metrics);
    Map<String, Double> figures =
        metrics.stream()
            .filter(metric -> metric.labels().isEmpty())
            .collect(Collectors.toMap(RunMetric::name, RunMetric::value));
    ScoringDriver.current().ifPresent(driver -> driver.report(figures));
  }
}
