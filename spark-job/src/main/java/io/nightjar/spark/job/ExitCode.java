package io.nightjar.spark.job;

import java.util.Arrays;

/** What the process says to whoever started it. */
enum ExitCode {
  OK(0),
  /** Something that nobody foresaw. */
  UNEXPECTED(1),
  /** The command line or the config. */
  CONFIG(2),
  /** What the job reads. */
  INPUT(3),
  /** The model directory. */
  MODEL(4),
  /** Scores that are not fit to be published. */
  GATES(5),
  /** More bad rows than the config allows. */
  BAD_ROWS(6),
  /** {@code backend = cuda} where there is no device. */
  NO_DEVICE(7),
  /** Another run holds the lock on the same output and run date. */
  LOCKED(8);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** The one with this number, as a manifest has it; what later versions add is unexpected. */
  static ExitCode of(int code) {
    return Arrays.stream(values()).filter(exit -> exit.code == code).findFirst().orElse(UNEXPECTED);
  }
}
