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
 * What is told of a run: its manifest, the report beside that, and figures for those who watch many
 * runs. The end of a run is told once.
 */
final class RunRecords {
  private final OutputFolder output;
  private final OutputConf conf;
  private final MetricsTargets targets;
  private Optional<Manifest> before = Optional.empty();
  private boolean told;

  /**
   * Makes the records.
   *
   * @param output where the runs for this date work, and publish unless they do so to a table
   * @param conf what the config says of that
   * @param targets where figures go beside Spark's own metrics
   */
  RunRecords(OutputFolder output, OutputConf conf, MetricsTargets targets) {
    this.output = output;
    this.conf = conf;
    this.targets = targets;
  }

  /** The last published run, which the report shows this one against. */
  void compareWith(Optional<Manifest> last) {
    before = last;
  }

  /** Before publishing: the report goes with the scores. */
  void staged(RunFolder folder, Manifest run) throws IOException {
    report(folder.scores(), run);
  }

  /** After publishing. A table has no room for files: they lie where its scores would. */
  void published(Manifest run) throws IOException {
    told = true;
    if (conf.table().isPresent()) {
      output.fs().mkdirs(output.published());
      report(output.published(), run);
      ManifestFile.write(run, output.fs(), output.published());
    }
    figures(run);
  }

  /** A run that failed leaves its word in its own folder. */
  void failed(RunFolder folder, Manifest run) throws IOException {
    told = true;
    folder.fail(ManifestFile.toJson(run));
    report(folder.path(), run);
    figures(run);
  }

  /** A run that failed before it had a folder gets one for its word, unless that was told. */
  void failedEarly(Manifest run) throws IOException {
    if (told) {
      return;
    }
    told = true;
    figures(run);
    Path folder = RunFolder.withoutLock(output);
    ManifestFile.write(run, output.fs(), folder);
    report(folder, run);
  }

  private void report(Path folder, Manifest run) throws IOException {
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
