package io.nightjar.spark.job;

import io.nightjar.model.InvalidModelException;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.spark.executor.BadRowException;
import io.nightjar.spark.executor.ScoringFailure;
import io.nightjar.spark.publish.LockException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.QueryContext;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;

/** Says what a failure means to the user: one line and an exit code. */
final class Failures {
  private Failures() {}

  /** What {@code failure} is, found in it or in its causes. */
  static JobException explain(Throwable failure) {
    Optional<ScoringFailure> reported = ScoringFailure.behind(failure);
    if (reported.isPresent()) {
      return new JobException(exitCode(reported.get()), reported.get().message(), failure);
    }
    for (Throwable cause : causes(failure)) {
      Optional<JobException> known = known(cause, failure);
      if (known.isPresent()) {
        return known.get();
      }
    }
    return new JobException(ExitCode.UNEXPECTED, "Unexpected: " + failure, failure);
  }

  /** What an executor told the driver before it stopped the run. */
  private static ExitCode exitCode(ScoringFailure failure) {
    return switch (failure.kind()) {
      case BAD_ROW -> ExitCode.INPUT;
      case MODEL -> ExitCode.MODEL;
      case BACKEND -> ExitCode.NO_DEVICE;
    };
  }

  private static Optional<JobException> known(Throwable cause, Throwable failure) {
    if (cause instanceof JobException job) {
      return Optional.of(job);
    } else if (cause instanceof InvalidModelException) {
      return Optional.of(new JobException(ExitCode.MODEL, cause.getMessage(), failure));
    } else if (cause instanceof BadRowException) {
      return Optional.of(new JobException(ExitCode.INPUT, cause.getMessage(), failure));
    } else if (cause instanceof BackendUnavailableException) {
      return Optional.of(new JobException(ExitCode.NO_DEVICE, cause.getMessage(), failure));
    } else if (cause instanceof LockException) {
      return Optional.of(new JobException(ExitCode.LOCKED, cause.getMessage(), failure));
    } else if (cause instanceof SparkThrowable spark) {
      return known(spark, failure);
    }
    return Optional.empty();
  }

  private static Optional<JobException> known(SparkThrowable spark, Throwable failure) {
    String condition = Optional.ofNullable(spark.getCondition()).orElse("");
    if (condition.startsWith("FAILED_READ_FILE")) {
      return Optional.of(unreadable(spark, condition, failure));
    }
    // Class 22 of SQLSTATE is "data exception": a value that an expression cannot take.
    String state = Optional.ofNullable(spark.getSqlState()).orElse("");
    if (state.startsWith("22") || condition.equals("USER_RAISED_EXCEPTION")) {
      QueryContext[] contexts = spark.getQueryContext();
      String expression = contexts.length > 0 ? contexts[0].fragment() : "a Spark SQL expression";
      return Optional.of(
          new JobException(
              ExitCode.INPUT,
              "Cannot compute " + expression + ": " + firstLine((Throwable) spark),
              failure));
    }
    return Optional.empty();
  }

  private static JobException unreadable(
      SparkThrowable spark, String condition, Throwable failure) {
    String path = spark.getMessageParameters().getOrDefault("path", "a file");
    List<Throwable> causes = causes((Throwable) spark);
    String why = firstLine(causes.get(causes.size() - 1));
    return new JobException(
        ExitCode.INPUT,
        condition.endsWith("CANNOT_READ_FILE_FOOTER")
            ? "Cannot read the footer of " + path + ": " + why
            : "Cannot read " + path + ": " + why,
        failure);
  }

  /** The complaint about the SQL expression of a config's key. */
  static JobException invalidSql(String key, String sql, Exception why) {
    return new JobException(
        ExitCode.CONFIG,
        "Invalid " + key + ": " + sql + ", expected a Spark SQL expression: " + firstLine(why),
        why);
  }

  /**
   * What {@code plan} gives, where {@code sql} is new in it.
   *
   * @throws JobException naming {@code key} if Spark cannot make sense of it
   */
  static <T> T analysed(String key, String sql, Supplier<T> plan) {
    try {
      return plan.get();
    } catch (Exception e) {
      // Scala throws this checked exception without declaring it.
      if (e instanceof AnalysisException) {
        throw invalidSql(key, sql, e);
      }
      throw e;
    }
  }

  /** Spark's messages go on for many lines; the first says what is wrong. */
  private static String firstLine(Throwable failure) {
    String message = Optional.ofNullable(failure.getMessage()).orElse(failure.toString());
    return message.strip().lines().findFirst().orElse("").strip();
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }
}
