/**
 * The nightly job: its command line, its config, what it reads, and how it publishes. {@link
 * ScoringJob} is the way in. A run then goes through
 *
 * <ol>
 *   <li>the config: {@link JobCommand}, {@link ConfigFile} and the layers of {@link Settings}, by
 *       {@link ConfigKey}, which {@link ConfReader} makes a {@link ScoringConf} of;
 *   <li>Spark: {@link SessionSettings}, {@link JobSession};
 *   <li>the input: {@link InputReader} and, for candidates, {@link PairJoin} in a {@link
 *       JoinOrder}, make a {@link ScoringInput};
 *   <li>the plan: {@link RunPlan}, which {@link ColumnCheck} looks at and {@link Explanation}
 *       shows;
 *   <li>the work: {@link ScoringRun} has {@link UnitWriter} write units, which {@link UnitStaging}
 *       stages and {@link UnitLedger} lists; or {@link ProfileRun} counts row ids;
 *   <li>the end: {@link PublishCheck}, then a {@link Publisher}, to a folder or a table.
 * </ol>
 *
 * <p>What is told of it comes from {@link RunManifest}, {@link RunRecords}, {@link RunSummary} and
 * {@link RunStatus}. What goes wrong is a {@link JobException} with an {@link ExitCode}, or {@link
 * Failures} makes one of it.
 */
package io.nightjar.spark.job;
