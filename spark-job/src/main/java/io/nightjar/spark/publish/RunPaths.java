package io.nightjar.spark.publish;

import org.apache.hadoop.fs.Path;

/**
 * What lies where in a folder {@code run-ID-OWNER} that a run works in.
 *
 * <pre>
 *   units/                the parts that are staged one by one ({@link StagedUnits})
 *   scores/               what will be published, with _SUCCESS and _MANIFEST.json
 *   quarantine/           bad rows that the run sets aside
 *   replaced/             what readers saw before, between the two renames of publishing
 *   replaced-quarantine/  likewise the bad rows that were set aside before
 *   _MANIFEST.json        of a run that failed
 * </pre>
 *
 * @param folder all of it
 */
record RunPaths(Path folder) {
  /** How the names of runs' folders begin. */
  static final String PREFIX = "run-";

  Path units() {
    return new Path(folder, "units");
  }

  Path scores() {
    return new Path(folder, "scores");
  }

  Path quarantine() {
    return new Path(folder, "quarantine");
  }

  Path replaced() {
    return new Path(folder, "replaced");
  }

  Path replacedQuarantine() {
    return new Path(folder, "replaced-quarantine");
  }

  Path manifest() {
    return new Path(folder, PublishedFiles.MANIFEST);
  }
}
