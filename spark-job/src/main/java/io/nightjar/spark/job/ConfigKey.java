package io.nightjar.spark.job;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Every key of the config, its default and what it means: the one place that knows them. {@code
 * conf/nightjar.conf} and the README's table say the same.
 */
enum ConfigKey {
  MODEL(
      "model",
      null,
      "Model directory, a folder of versions with a file `latest`, or an MLflow model that holds"
          + " ours."),
  BACKEND(
      "backend",
      "auto",
      "What computes the scores: `cpu`, `cuda`, or `auto`: CUDA where there are GPUs, else the"
          + " CPU."),
  PRECISION(
      "precision", "fp32", "Arithmetic of the matrix products: `fp32`, or `bf16` on CUDA only."),
  EMBEDDING_BAG_VARIANT(
      "embedding-bag.variant",
      "auto",
      "How GPUs pool bags: `auto` takes what the first batch shows to be fastest;"
          + " docs/embedding-bag.md has all names."),
  EMBEDDING_BAG_REORDER(
      "embedding-bag.reorder",
      "false",
      "Whether hot rows, as the profile has them, come first in a table's GPU memory."),
  PROFILE_PATH(
      "profile.path",
      "\"\"",
      "Folder of the counts of row ids that `nightjar profile` writes and hot rows are read from."),
  PROFILE_SAMPLE(
      "profile.sample", "1.0", "Share of the input's rows that `nightjar profile` counts."),
  PROFILE_HOT_ROWS(
      "profile.hot-rows", "100000", "Most rows of a table that `nightjar profile` calls hot."),
  BATCH_SIZE(
      "batch-size",
      "auto",
      "Rows that are scored at once; `auto` lets the backend choose, by what its device's memory"
          + " holds."),
  EXAMPLES("input.examples", null, "Parquet that holds every feature in one table."),
  USERS_PATH("input.users.path", null, "Parquet with one row a user."),
  USERS_KEY("input.users.key", null, "Column that tells users apart, in users and in candidates."),
  ITEMS_PATH("input.items.path", null, "Parquet with one row an item."),
  ITEMS_KEY("input.items.key", null, "Column that tells items apart, in items and in candidates."),
  CANDIDATES(
      "input.candidates",
      null,
      "Parquet with the pairs to score: both keys and any context features."),
  WHERE("input.where", "\"\"", "Spark SQL condition on the examples or candidates to score."),
  COLUMN("features.*.column", null, "Column of a model input; without it, the one of its name."),
  SQL("features.*.sql", null, "Spark SQL expression instead of a column; it makes the scan rows."),
  NULL("features.*.null", null, "Dense value that stands for null; without it null is a bad row."),
  TRANSFORM("features.*.transform", "none", "Done to a dense value after that: `none` or `log1p`."),
  HASH_MOD(
      "features.*.hash-mod", null, "Take Spark's `xxhash64` modulo this number as the row id."),
  FEATURE_OUT_OF_RANGE(
      "features.*.out-of-range", null, "`out-of-range` of this sparse feature alone."),
  FEATURE_KEY(
      "features.*.key",
      null,
      "Column, such as a user's id, that decides the value: rows with the same one must have the"
          + " same value, which is filled once for them."),
  OUT_OF_RANGE(
      "out-of-range",
      "bad-row",
      "What a row id outside its table means: `bad-row`, `empty` (left out), or a row id instead."),
  BAD_ROWS(
      "bad-rows",
      "fail",
      "What becomes of a bad row: `fail` stops the job, `drop` leaves it out, `null` scores NULL,"
          + " `quarantine` writes it elsewhere."),
  MAX_BAD_FRACTION(
      "max-bad-fraction", "0.01", "Greatest share of bad rows of a run that is published."),
  OUTPUT_PATH("output.path", null, "Folder of the scores; a run replaces what it published there."),
  OUTPUT_TABLE(
      "output.table",
      "\"\"",
      "Table, such as `lake.db.scores`, that takes the scores; runs work beside the path then."),
  KEEP_COLUMNS(
      "output.keep-columns", "[\"*\"]", "Columns of the input beside the scores; `*` is all."),
  SCORE_COLUMN("output.score-column", "score", "Name of the score's column."),
  LOGIT_COLUMN("output.logit-column", "\"\"", "Name of the logit's column; empty leaves it out."),
  PARTITION_BY_RUN_DATE(
      "output.partition-by-run-date",
      "true",
      "Write to `run_date=YYYY-MM-DD` below the path and replace that folder only."),
  COMPRESSION(
      "output.compression",
      "zstd",
      "Codec of the Parquet: `zstd`, `snappy`, `gzip`, `lz4_raw` or `none`."),
  MAX_ROWS_PER_FILE("output.max-rows-per-file", "20000000", "Most rows of one Parquet file."),
  UNIT_SIZE(
      "output.unit-size",
      "auto",
      "Bytes of input after which a killed run goes on; `auto` is a 32nd of it, or 64 MiB."),
  ALLOW_EMPTY(
      "output.allow-empty",
      "false",
      "Whether a run without a single row may replace published scores."),
  LOCK_EXPIRY(
      "output.lock-expiry",
      "60s",
      "How long a run may show no sign of life before another takes its place."),
  PUSH_GATEWAY(
      "metrics.push-gateway",
      "\"\"",
      "Prometheus push gateway for a run's figures: `http://host:9091/metrics/job/ctr`."),
  TEXT_FILE(
      "metrics.text-file",
      "\"\"",
      "File of figures on the driver's host for the node exporter, ending in `.prom`."),
  QUARANTINE_PATH(
      "output.quarantine-path",
      "\"\"",
      "Folder of quarantined rows; empty is the output's path with `-quarantine` behind it."),
  GATE_ROWS(
      "gates.rows",
      "fail",
      "Every row is scored or bad, and written: `off`, `warn` or `fail`, as of every gate."),
  GATE_FINITE("gates.finite", "fail", "No score is NaN or infinite."),
  GATE_RANGE("gates.range", "fail", "Every score lies between 0 and 1."),
  GATE_SATURATED("gates.saturated", "fail", "Few scores are 0 or 1, or within 2^-21 of them."),
  SATURATED_LIMIT("gates.saturated-limit", "0.1", "Greatest share of such scores."),
  GATE_ROW_COUNT("gates.row-count", "fail", "About as many rows as in the last published run."),
  ROW_COUNT_LIMIT("gates.row-count-limit", "0.5", "Greatest change, relative to the last run."),
  GATE_MEAN("gates.mean", "warn", "About the mean score of the last published run."),
  MEAN_LIMIT("gates.mean-limit", "0.5", "Greatest change, relative to the last run."),
  GATE_QUANTILES("gates.quantiles", "warn", "About the quantiles of the last published run."),
  QUANTILES_LIMIT(
      "gates.quantiles-limit", "1.0", "Greatest change of any, relative to the last run."),
  GATE_PSI("gates.psi", "warn", "Scores are spread as in the last published run."),
  PSI_LIMIT("gates.psi-limit", "0.25", "Greatest population stability index."),
  GATE_EMPTY_BAGS("gates.empty-bags", "warn", "No sparse feature is empty nearly everywhere."),
  EMPTY_BAGS_LIMIT("gates.empty-bags-limit", "0.99", "Greatest share of empty bags of a feature."),
  GATE_REPLACED_IDS(
      "gates.replaced-ids", "warn", "Few row ids lie outside their table and are replaced."),
  REPLACED_IDS_LIMIT(
      "gates.replaced-ids-limit", "0.1", "Greatest share of such row ids of a feature."),
  GATE_DUPLICATE_KEYS(
      "gates.duplicate-keys",
      "off",
      "No two rows have the same key; reads the key's columns again."),
  KEY_COLUMNS("gates.key-columns", "[]", "Columns of the output that are the key.");

  private static final String FEATURE = "features.*.";

  private final String path;
  private final String fallback;
  private final String sentence;

  ConfigKey(String path, String fallback, String sentence) {
    this.path = path;
    this.fallback = fallback;
    this.sentence = sentence;
  }

  /** The key below {@code nightjar}; {@code *} stands for the name of a model input. */
  String path() {
    return path;
  }

  /** The default as HOCON; empty where there is none. */
  Optional<String> fallback() {
    return Optional.ofNullable(fallback);
  }

  /** One sentence for people. */
  String sentence() {
    return sentence;
  }

  /** Whether there is one for each model input. */
  boolean ofFeature() {
    return path.startsWith(FEATURE);
  }

  /** The last part of a {@link #ofFeature} key. */
  String nameInFeature() {
    return path.substring(FEATURE.length());
  }

  /** The names that {@code features.<input>} takes. */
  static List<String> featureNames() {
    return Arrays.stream(values())
        .filter(ConfigKey::ofFeature)
        .map(ConfigKey::nameInFeature)
        .toList();
  }

  /** The names that do not belong to a feature. */
  static List<String> paths() {
    return Arrays.stream(values()).filter(key -> !key.ofFeature()).map(ConfigKey::path).toList();
  }

  /** The one of {@code known}, not empty, that {@code name} was most likely meant to be. */
  static String nearest(String name, List<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return known.stream().min(Comparator.comparing(k -> distance.apply(name, k))).orElseThrow();
  }
}
