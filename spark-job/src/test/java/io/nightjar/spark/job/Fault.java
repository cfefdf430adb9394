package io.nightjar.spark.job;

/** What a whole submission meets, from {@code spark-submit} to its end. */
enum Fault {
  BEFORE_STAGING("killed before it takes the lock", "claim-"),
  WHILE_SCORING("killed in the midst of its rows", ""),
  BEFORE_PUBLISHING("killed between gates and publishing", "run_date="),
  BETWEEN_THE_RENAMES("killed between the two renames of publishing", "scores"),
  EXECUTOR_KILLED("with an executor killed in the midst of its rows", ""),
  TWO_AT_ONCE("with a second one beside it", "");

  private static final String NOTHING = "nothing";

  private final String description;
  private final String renamed;

  Fault(String description, String renamed) {
    this.description = description;
    this.renamed = renamed;
  }

  /** As a table of results says it. */
  String description() {
    return description;
  }

  /** How the name of a folder begins whose renaming waits at the gate. */
  String renamed() {
    return renamed.isEmpty() ? NOTHING : renamed;
  }

  /** Whether a task waits at the gate, at one of its rows. */
  boolean isAtARow() {
    return renamed.isEmpty();
  }

  /** Whether the submission ends of it without having published. */
  boolean endsTheSubmission() {
    return this != EXECUTOR_KILLED && this != TWO_AT_ONCE;
  }

  /** Whether readers find nothing until the next submission. */
  boolean isInTheGap() {
    return this == BETWEEN_THE_RENAMES;
  }
}
