package io.nightjar.spark.job;

import io.nightjar.spark.publish.OutputFolder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Keeps a run from replacing what it reads, and the next run from reading what this one wrote;
 * keeps scores and bad rows apart.
 */
final class OutputCheck {
  private OutputCheck() {}

  /**
   * The folders that the run writes to, compared with each other and with those that are read.
   *
   * @throws JobException if one lies in the other
   */
  static OutputFolder checked(ScoringConf conf, Configuration hadoop) throws IOException {
    String output = conf.output().path();
    for (String input : conf.input().source().paths()) {
      mustBeApart("output.path", output, "the input", input, hadoop);
    }
    if (conf.safety().quarantine().isPresent()) {
      String quarantine = conf.safety().quarantine().get();
      for (String input : conf.input().source().paths()) {
        mustBeApart("output.quarantine-path", quarantine, "the input", input, hadoop);
      }
      mustBeApart("output.quarantine-path", quarantine, "output.path", output, hadoop);
    }
    return outputFolder(conf, hadoop);
  }

  private static OutputFolder outputFolder(ScoringConf conf, Configuration hadoop)
      throws IOException {
    OutputFolder output;
    try {
      output = OutputFolder.of(conf.output().path(), conf.output().runDate(), hadoop);
    } catch (IllegalArgumentException e) {
      throw new JobException(ExitCode.CONFIG, "Invalid output.path: " + e.getMessage(), e);
    }
    if (conf.safety().quarantine().isEmpty()) {
      return output;
    }
    try {
      return output.withQuarantine(conf.safety().quarantine().get(), conf.output().runDate());
    } catch (IllegalArgumentException e) {
      throw new JobException(
          ExitCode.CONFIG, "Invalid output.quarantine-path: " + e.getMessage(), e);
    }
  }

  private static void mustBeApart(
      String key, String path, String what, String other, Configuration hadoop) throws IOException {
    String one = folder(path, hadoop);
    String two = folder(other, hadoop);
    if (one.startsWith(two) || two.startsWith(one)) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid " + key + ": " + path + ", expected a folder apart from " + what + " " + other);
    }
  }

  /** Its full name ended by a slash; of a glob, the folder above its first wildcard. */
  private static String folder(String location, Configuration hadoop) throws IOException {
    Path path = new Path(location);
    String full = path.getFileSystem(hadoop).makeQualified(path).toString();
    int wildcard = full.replaceAll("[*?\\[{]", "*").indexOf('*');
    return wildcard < 0 ? full + "/" : full.substring(0, full.lastIndexOf('/', wildcard) + 1);
  }
}
