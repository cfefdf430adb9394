package io.nightjar.spark.manifest;

import io.nightjar.spark.statistics.ScoreHistogram;
import io.nightjar.spark.statistics.ScoringStatistics;
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
 * @param statistics what the tasks counted: rows, bad rows, scores, features, their time
 * @param quantiles of the scores, as {@code statistics} has them; none where there are no scores
 * @param quarantine where the bad rows were written; empty where they were not
 * @param gates what was checked before publishing
 * @param compute what computed the scores
 * @param stages the driver's time, in order; together they are the run's wall time
 * @param units the parts that were staged, one after the other or side by side
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
    ScoringStatistics statistics,
    List<Quantile> quantiles,
    Optional<String> quarantine,
    List<Gate> gates,
    Optional<Compute> compute,
    List<Stage> stages,
    List<Unit> units,
    Map<String, String> versions) {

  /** What {@link #format} says. */
  public static final String FORMAT = "nightjar-manifest";

  /** What {@link #formatVersion} says of what this program writes. */
  public static final int FORMAT_VERSION = 1;

  private static final List<Double> QUANTILES =
      List.of(0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999);

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
   * @param id made of date, model version, input and config: the same run has the same id; {@code
   *     unknown} where it failed before it knew these
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
   * @param checksum hash of {@code model.json}, the weights' headers and all files' sizes
   * @param content hash of all that the files hold, which the executors that loaded them agreed on;
   *     empty where none did
   * @param location the folder that holds that version
   */
  public record Model(
      String name, String version, String checksum, Optional<String> content, String location) {}

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
   * @param rows rows in its files; empty where nobody counted
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
   * A score that a share of all scores is not above.
   *
   * @param share from 0 to 1
   * @param score the score
   */
  public record Quantile(double share, double score) {}

  /** The quantiles that a manifest has of the scores in {@code histogram}. */
  public static List<Quantile> quantiles(ScoreHistogram histogram) {
    return histogram.counts().isEmpty()
        ? List.of()
        : QUANTILES.stream().map(share -> new Quantile(share, histogram.quantile(share))).toList();
  }

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
   * @param device the devices' name; of a CPU, the architecture; empty where no model was opened
   * @param driver newest CUDA that the devices' driver knows; empty for a CPU
   * @param kernelVariant variant of the embedding kernel; empty for a CPU
   * @param kernelTimes what was measured to choose how it walks bags, a line a choice
   * @param deviceMemory what weights and batches take of the devices' memory; empty for a CPU
   * @param busyShare share of the time of scoring in which the devices copied or computed; empty
   *     for a CPU, and where a part was kept from an earlier attempt
   */
  public record Compute(
      String backend,
      String why,
      String precision,
      String device,
      String driver,
      String kernelVariant,
      List<String> kernelTimes,
      String deviceMemory,
      Optional<Double> busyShare) {

    /** Older manifests lack the last two. */
    public Compute {
      kernelTimes = kernelTimes == null ? List.of() : List.copyOf(kernelTimes);
      deviceMemory = deviceMemory == null ? "" : deviceMemory;
      busyShare = busyShare == null ? Optional.empty() : busyShare;
    }
  }

  /**
   * A stretch of the driver's time.
   *
   * @param name what it did
   * @param seconds how long
   * @param rowsPerSecond rows of the run for each second of it; empty for the start, which comes
   *     before any row
   */
  public record Stage(String name, double seconds, Optional<Double> rowsPerSecond) {}

  /**
   * A part of the driving table that was written at once.
   *
   * @param name which part
   * @param rows rows read of it
   * @param started when its write began, or the unit before it was staged
   * @param ended when it was staged
   * @param kept whether an earlier attempt of the same run wrote it
   */
  public record Unit(String name, long rows, Instant started, Instant ended, boolean kept) {}
}
