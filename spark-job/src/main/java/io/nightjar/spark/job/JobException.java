package io.nightjar.spark.job;

/** An end of the job that the user can do something about: one line, and an exit code. */
final class JobException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  JobException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  JobException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
