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
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/**
 * What became of the runs for one date, from the manifests that they left: the published one's
 * beside its scores, a failed one's in its own folder. It needs no Spark session.
 *
 * @param run the one that ended last
 * @param folder where its manifest is
 * @param silent folders of runs that left no word: they are at work, or were killed
 */
record RunStatus(Manifest run, Path folder, List<Path> silent) {

  /**
   * Looks for manifests.
   *
   * @throws JobException if there are none
   */
  static RunStatus of(OutputFolder output) throws IOException {
    List<Path> folders = new ArrayList<>(List.of(output.published()));
    folders.addAll(output.runFolders());
    List<Path> silent = new ArrayList<>();
    Optional<RunStatus> last = Optional.empty();
    for (Path folder : folders) {
      Optional<Manifest> manifest = ManifestFile.read(output.fs(), folder);
      if (manifest.isEmpty() && !folder.equals(output.published())) {
        silent.add(folder);
      }
      last =
          Stream.concat(
                  last.stream(), manifest.stream().map(run -> new RunStatus(run, folder, silent)))
              .max(Comparator.comparing(status -> status.run().run().ended()));
    }
    return last.orElseThrow(
        () ->
            new JobException(
                ExitCode.INPUT,
                "Cannot tell the status: no run has left a manifest in "
                    + output.published()
                    + " or "
                    + output.workshop()
                    + (silent.isEmpty() ? "" : "; at work, or killed: " + silent)));
  }

  /** How the run ended. */
  ExitCode exitCode() {
    return ExitCode.of(run.exit().code());
  }

  /** For people, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(StatusText.lines(run));
    lines.add("  manifest  " + new Path(folder, ManifestFile.NAME));
    for (Path other : silent) {
      lines.add("  at work, or killed: " + other);
    }
    return lines;
  }
}
