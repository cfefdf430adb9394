package io.nightjar.spark.job;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.report.StatusText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * What became of the runs for one date, from the manifests that they left: the published one's
 * beside its scores or in the table's snapshot, a failed one's in its own folder.
 *
 * @param run the one that ended last; one that was turned away from the lock only if there is no
 *     other, since it says nothing of the date
 * @param place where its manifest is
 * @param silent folders of runs that left no word: they are at work, or were killed
 */
record RunStatus(Manifest run, String place, List<Path> silent) {

  /**
   * Looks for manifests; needs no Spark session unless there is a table.
   *
   * @param table the table that takes the scores in the folder's place
   * @throws JobException if there are none
   */
  static RunStatus of(OutputFolder output, Optional<TablePublisher> table) throws IOException {
    List<Path> silent = new ArrayList<>();
    List<RunStatus> told = new ArrayList<>();
    if (table.isPresent()) {
      String place = "snapshot of " + table.get().target();
      Optional<String> json = table.get().publishedManifest();
      if (json.isPresent()) {
        told.add(new RunStatus(ManifestFile.parse("in the " + place, json.get()), place, silent));
      }
    } else {
      read(output, output.published(), silent).ifPresent(told::add);
    }
    for (Path folder : output.runFolders()) {
      Optional<RunStatus> failed = read(output, folder, silent);
      failed.ifPresentOrElse(told::add, () -> silent.add(folder));
    }
    return told.stream()
        .max(
            Comparator.comparing((RunStatus status) -> status.exitCode() != ExitCode.LOCKED)
                .thenComparing(status -> status.run().run().ended()))
        .orElseThrow(() -> nothing(output, table, silent));
  }

  private static Optional<RunStatus> read(OutputFolder output, Path folder, List<Path> silent)
      throws IOException {
    return ManifestFile.read(output.fs(), folder)
        .map(run -> new RunStatus(run, new Path(folder, ManifestFile.NAME).toString(), silent));
  }

  private static JobException nothing(
      OutputFolder output, Optional<TablePublisher> table, List<Path> silent) {
    return new JobException(
        ExitCode.INPUT,
        "Cannot tell the status: no run has left a manifest in "
            + table.map(TablePublisher::target).orElse(output.published().toString())
            + " or "
            + output.workshop()
            + (silent.isEmpty() ? "" : "; at work, or killed: " + silent));
  }

  /** How the run ended. */
  ExitCode exitCode() {
    return ExitCode.of(run.exit().code());
  }

  /** For people, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(StatusText.lines(run));
    lines.add("  manifest  " + place);
    for (Path other : silent) {
      lines.add("  at work, or killed: " + other);
    }
    return lines;
  }
}
