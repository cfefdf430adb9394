package io.nightjar.spark.job;

import io.nightjar.spark.executor.ResolvedModel;
import io.nightjar.spark.metrics.MetricsTargets;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.List;

/**
 * What a run does, read from its {@link Settings} by {@link ConfReader}.
 *
 * @param input what is scored
 * @param spec how it is scored
 * @param output where the scores go
 * @param metrics where a run's figures go
 * @param safety what a run must keep to
 * @param profile what {@code nightjar profile} counts
 * @param settings every key that made it, for people
 */
record ScoringConf(
    InputConf input,
    ScoringSpec spec,
    OutputConf output,
    MetricsTargets metrics,
    SafetyConf safety,
    ProfileConf profile,
    List<Setting> settings) {

  /** The same with the model that {@code model} of the config was resolved to. */
  ScoringConf withModel(ResolvedModel model) {
    return new ScoringConf(
        input,
        spec.withModel(model.folder().location(), model.version()),
        output,
        metrics,
        safety,
        profile,
        settings);
  }
}
