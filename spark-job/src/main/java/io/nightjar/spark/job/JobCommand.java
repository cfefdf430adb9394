package io.nightjar.spark.job;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * What the command line asks for.
 *
 * @param verb what to do
 * @param config the config file, as typed
 * @param runDate the day that the run is for
 * @param overrides {@code -D} keys and their values, in the order given
 * @param force whether scores that this very run published before are made again
 * @param fresh whether what a killed or failed attempt of this run left is made again too
 * @param preview whether the summary is followed by the first rows and a histogram of the scores
 * @param debug whether an error shows where it happened
 */
record JobCommand(
    Verb verb,
    String config,
    Optional<LocalDate> runDate,
    Map<String, String> overrides,
    boolean force,
    boolean fresh,
    boolean preview,
    boolean debug) {

  /** This program's version. */
  static final String VERSION = "0.1.0";

  /** What to do. */
  enum Verb {
    SCORE,
    EXPLAIN,
    STATUS,
    PROFILE
  }

  /**
   * Reads the command line.
   *
   * @return empty when help was asked for, which is then on {@code out}
   * @throws JobException if it cannot be understood
   */
  static Optional<JobCommand> parse(String[] args, PrintStream out) {
    CommandLine line = new CommandLine(new Nightjar());
    line.registerConverter(LocalDate.class, new DateConverter());
    ParseResult parsed;
    try {
      parsed = line.parseArgs(args);
    } catch (ParameterException e) {
      throw new JobException(
          ExitCode.CONFIG, "Cannot read the command line: " + e.getMessage() + "; see --help", e);
    }
    CommandLine last = parsed.asCommandLineList().get(parsed.asCommandLineList().size() - 1);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    if (CommandLine.printHelpIfRequested(parsed)) {
      return Optional.empty();
    }
    if (!(last.getCommand() instanceof Options options)) {
      throw new JobException(
          ExitCode.CONFIG,
          "Cannot read the command line: say score, explain, status or profile; see --help");
    }
    return Optional.of(
        new JobCommand(
            options.verb(),
            options.config,
            Optional.ofNullable(options.runDate),
            options.overrides,
            options instanceof Score score && score.force,
            options instanceof Score score && score.fresh,
            options instanceof Score score && score.preview,
            options.debug));
  }

  @Command(
      name = "nightjar",
      description = "Scores offline batches with DLRM models on Spark.",
      mixinStandardHelpOptions = true,
      version = "nightjar " + JobCommand.VERSION,
      subcommands = {Score.class, Explain.class, Status.class, Profile.class})
  private static final class Nightjar {}

  @Command(
      name = "score",
      description = "Reads, scores and publishes.",
      sortOptions = false,
      mixinStandardHelpOptions = true)
  private static final class Score extends Options {
    @Option(names = "--force", description = "Scores again what this very run published before.")
    boolean force;

    @Option(
        names = "--fresh",
        description = "Keeps nothing of an attempt of this run that was killed or failed.")
    boolean fresh;

    @Option(names = "--preview", description = "Shows the first scores and their histogram.")
    boolean preview;

    @Override
    Verb verb() {
      return Verb.SCORE;
    }
  }

  @Command(
      name = "explain",
      description = "Shows what score would do, and scores nothing.",
      sortOptions = false,
      mixinStandardHelpOptions = true)
  private static final class Explain extends Options {
    @Override
    Verb verb() {
      return Verb.EXPLAIN;
    }
  }

  @Command(
      name = "status",
      description = "Tells what the last run for the date did, and ends with its exit code.",
      sortOptions = false,
      mixinStandardHelpOptions = true)
  private static final class Status extends Options {
    @Override
    Verb verb() {
      return Verb.STATUS;
    }
  }

  @Command(
      name = "profile",
      description = "Counts the row ids of the input and writes which rows are hot.",
      sortOptions = false,
      mixinStandardHelpOptions = true)
  private static final class Profile extends Options {
    @Override
    Verb verb() {
      return Verb.PROFILE;
    }
  }

  private abstract static class Options {
    abstract Verb verb();

    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "Config file: local, hdfs://, s3a://, or the name of one given to --files.")
    String config;

    @Option(
        names = "--run-date",
        paramLabel = "YYYY-MM-DD",
        description = "Day that the run is for: $${run-date} in the config.")
    LocalDate runDate;

    @Option(
        names = "-D",
        paramLabel = "key=value",
        description =
            "Overrides a key of the config. It wins over --conf spark.nightjar.<key>=…, which wins"
                + " over the file, which wins over the defaults.")
    Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    boolean debug;
  }

  private static final class DateConverter implements ITypeConverter<LocalDate> {
    @Override
    public LocalDate convert(String value) {
      try {
        return LocalDate.parse(value);
      } catch (DateTimeParseException e) {
        TypeConversionException invalid =
            new TypeConversionException("'" + value + "' is no date, expected YYYY-MM-DD");
        invalid.initCause(e);
        throw invalid;
      }
    }
  }
}
