package io.nightjar.spark.manifest;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a run says about itself, whether it published or failed. {@code
 * docs/manifest.schema.json} is its form as JSON, where names are in snake_case.
 *
 * <p>A run that failed early knows less: what it did not come to is empty.
 *
 * @param format always {@value #FORMAT}
 * @param formatVersion {@value #FORMAT_VERSION}; grows when a reader of the last one would be wrong
 * @param run which run it was
 * @param exit how it ended
 * @param model the model that scored
 * @param config every resolved key, sorted, secrets masked
 * @param inputs the tables that were read
 * @param output where the scores are, or would have been
 * @param rows how many rows there were, and what became of them
 * @param scores how the scores are spread; empty where there are none
 * @param features what was seen of each of the model's inputs, in its order
 * @param quarantine the bad rows
 * @param gates what was checked before publishing
 * @param compute what computed the scores
 * @param stages the driver's time, in order; together they are the run's wall time
 * @param taskTimes the tasks' time, added up over all tasks
 * @param units the parts that were written one after the other, in order
 * @param versions of what ran, by name
 */
public record Manifest(
    String format,
    int formatVersion,
    Run run,
    Exit exit,
    Optional<Model> model,
    List<Setting> config,
    List<Input> inputs,
    Optional<Output> output,
    Rows rows,
    Optional<Scores> scores,
    List<Feature> features,
    Quarantine quarantine,
    List<Gate> gates,
    Optional<Compute> compute,
    List<Stage> stages,
    List<TaskTime> taskTimes,
    List<Unit> units,
    Map<String, String> versions) {

  /** What {@link #format} says. */
  public static final String FORMAT = "nightjar-manifest";

  /** What {@link #formatVersion} says of what this program writes. */
  public static final int FORMAT_VERSION = 1;

  /** How a run ended. */
  public enum State {
    /** Readers see its scores. */
    PUBLISHED,
    /** Readers see what was there before. */
    FAILED
  }

  /**
   * Which run it was.
   *
   * @param id made of date, model version, input and config: the same run has the same id
   * @param date the day it was for
   * @param application Spark's id of the application; empty where Spark was not started
   * @param started when it began
   * @param ended when it ended
   */
  public record Run(
      String id, Optional<LocalDate> date, String application, Instant started, Instant ended) {}

  /**
   * How it ended.
   *
   * @param state what readers see
   * @param code the exit code
   * @param message why it failed, in one line; empty where it did not
   */
  public record Exit(State state, int code, String message) {}

  /**
   * The model that scored.
   *
   * @param name what {@code model.json} calls it
   * @param version the version that the config's {@code model} was resolved to
   * @param checksum hash of the model's files
   * @param location the folder that holds that version
   */
  public record Model(String name, String version, String checksum, String location) {}

  /**
   * A resolved key of the config.
   *
   * @param key below {@code nightjar}
   * @param value as HOCON, or a mask
   * @param origin where it was said
   */
  public record Setting(String key, String value, String origin) {}

  /**
   * A table that was read.
   *
   * @param name its key in the config
   * @param path where it is
   * @param files Parquet files
   * @param bytes their size
   * @param rows rows read of it; empty where nobody counted
   */
  public record Input(String name, String path, long files, long bytes, Optional<Long> rows) {}

  /**
   * Where the scores are.
   *
   * @param location a folder, or the name of a table
   * @param rows rows written
   * @param files Parquet files
   * @param bytes their size
   */
  public record Output(String location, long rows, long files, long bytes) {}

  /**
   * How many rows there were.
   *
   * @param in rows to be scored
   * @param scored rows with a score
   * @param bad rows that could not be scored
   */
  public record Rows(long in, long scored, long bad) {}

  /**
   * How the scores are spread.
   *
   * @param count how many
   * @param mean their mean
   * @param min the least
   * @param max the greatest
   * @param quantiles share of the scores below it, to the score
   * @param histogram counts in equal steps
   */
  public record Scores(
      long count,
      double mean,
      double min,
      double max,
      List<Quantile> quantiles,
      Histogram histogram) {}

  /**
   * A score that a share of all scores is not above.
   *
   * @param share from 0 to 1
   * @param score the score
   */
  public record Quantile(double share, double score) {}

  /**
   * Counts in steps of equal width.
   *
   * @param from where the first step begins
   * @param to where the last step ends
   * @param counts one a step
   */
  public record Histogram(double from, double to, List<Long> counts) {}

  /**
   * What was seen of one of the model's inputs.
   *
   * @param name its name
   * @param rows rows scored
   * @param emptyBags of them with no row id; 0 of a dense feature
   * @param rowIds row ids in all bags; 0 of a dense feature
   * @param replacedRowIds of them outside the table, replaced as {@code out-of-range} says
   */
  public record Feature(String name, long rows, long emptyBags, long rowIds, long replacedRowIds) {}

  /**
   * The bad rows.
   *
   * @param path where they were written; empty where they were not
   * @param reasons why they are bad, the most frequent first
   */
  public record Quarantine(Optional<String> path, List<Reason> reasons) {}

  /**
   * Bad rows of one kind.
   *
   * @param code the reason's code
   * @param rows how many
   */
  public record Reason(String code, long rows) {}

  /**
   * Something that was checked before publishing.
   *
   * @param name the gate's key in the config
   * @param action what the config says of it: {@code off}, {@code warn} or {@code fail}
   * @param outcome {@code passed}, {@code failed}, or {@code skipped} where there was nothing to
   *     compare
   * @param message the figure, the limit and what they mean, in one line
   */
  public record Gate(String name, String action, String outcome, String message) {}

  /**
   * What computed the scores.
   *
   * @param backend {@code cpu} or {@code cuda}
   * @param why what decided that
   * @param precision arithmetic of the matrix products
   * @param device the devices' name; of a CPU, the architecture
   * @param driver version of the devices' driver; empty for a CPU
   * @param kernelVariant variant of the embedding kernel; empty for a CPU
   */
  public record Compute(
      String backend,
      String why,
      String precision,
      String device,
      String driver,
      String kernelVariant) {}

  /**
   * A stretch of the driver's time.
   *
   * @param name what it did
   * @param seconds how long
   * @param rowsPerSecond rows a second, of a stage that handles every row
   */
  public record Stage(String name, double seconds, Optional<Double> rowsPerSecond) {}

  /**
   * What the tasks did.
   *
   * @param name reading, filling, scoring, waiting, writing
   * @param seconds added up over all tasks
   */
  public record TaskTime(String name, double seconds) {}

  /**
   * A part of the driving table that was written at once.
   *
   * @param name which part
   * @param rows rows read of it
   * @param started when its write began
   * @param ended when its write ended
   * @param kept whether an earlier attempt of the same run wrote it
   */
  public record Unit(String name, long rows, Instant started, Instant ended, boolean kept) {}
}
