/**
 * What runs inside the executors: the models, the pipeline of a partition, and the plugin.
 *
 * <ul>
 *   <li>The plugin: {@link ScoringPlugin} with a half in the driver, {@link ScoringDriver}, and one
 *       in each executor, {@link ScoringExecutor}. They tell each other of {@link ModelHardware},
 *       of a {@link ModelRead}, and by a {@link StopRequest} of what must end the run.
 *   <li>Models: a {@link ResolvedModel} is found in the driver; executors hold what a {@link
 *       ModelReference} means in the {@link ModelRegistry}, copied from afar by {@link
 *       LocalModels}, with a {@link ScorerPool} each.
 *   <li>The pipeline: {@link PartitionScoring} travels; {@link PartitionScorer} has a {@link
 *       BatchFiller} fill one {@link ScoringBatch} while another is scored. {@link TableLookup}
 *       puts columns of users and items beside those of pairs before.
 *   <li>Filling: {@link ColumnFiller} takes columns and {@link RowFiller} rows, with a {@link
 *       DenseFiller} or {@link SparseFiller} an input, {@link SharedFiller} once a key and {@link
 *       LookedUpFiller} once a row of a table. Bad rows get {@link BadRowMarks} and may go to
 *       {@link Quarantine}.
 *   <li>Counting: a {@link TaskLedger} for each attempt of a task, which {@link
 *       StatisticsCommitProtocol} commits with the attempt's files; {@link ScoreMetrics} and {@link
 *       ExecutorGauges} for those who watch; {@link RowIdCounting} and {@link RowIdProfile} for row
 *       ids.
 * </ul>
 */
package io.nightjar.spark.executor;
