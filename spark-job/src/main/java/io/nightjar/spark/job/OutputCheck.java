package io.nightjar.spark.job;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Keeps a run from replacing what it reads, and the next run from reading what this one wrote. */
final class OutputCheck {
  private OutputCheck() {}

  /**
   * Compares the output path with the input's.
   *
   * @throws JobException if one lies in the other
   */
  static void check(ScoringConf conf, Configuration hadoop) throws IOException {
    String output = folder(conf.output().path(), hadoop);
    for (String path : conf.input().source().paths()) {
      String input = folder(path, hadoop);
      if (output.startsWith(input) || input.startsWith(output)) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid output.path: "
                + conf.output().path()
                + ", expected a folder apart from the input "
                + path);
      }
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
