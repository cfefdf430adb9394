package io.nightjar.spark.metrics;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.Manifest.State;
import io.nightjar.spark.statistics.ScoringStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One figure of a run.
 *
 * @param name in Prometheus's form, without a prefix: lower case, with its unit at the end
 * @param help one sentence
 * @param labels what tells figures of one name apart
 * @param value the figure
 */
public record RunMetric(String name, String help, Map<String, String> labels, double value) {

  public RunMetric {
    labels = new TreeMap<>(labels);
  }

  /** The figures of a run that ended, well or not; those of one name follow each other. */
  public static List<RunMetric> of(Manifest run) {
    List<RunMetric> metrics = new ArrayList<>();
    metrics.add(new RunMetric("run_info", "Which run it was; always 1.", info(run), 1));
    add(metrics, "run_published", "1 if readers see its scores.", published(run));
    add(metrics, "run_exit_code", "The exit code.", run.exit().code());
    add(metrics, "run_end_time_seconds", "When it ended.", seconds(run.run().ended()));
    Duration wall = Duration.between(run.run().started(), run.run().ended());
    add(metrics, "run_duration_seconds", "Wall time.", wall.toMillis() / 1e3);
    ScoringStatistics statistics = run.statistics();
    add(metrics, "rows_in", "Rows to be scored.", (double) statistics.rowsIn());
    add(metrics, "rows_scored", "Rows with a score.", (double) statistics.scored());
    add(metrics, "rows_bad", "Rows that could not be scored.", (double) statistics.badRowCount());
    add(metrics, "score_mean", "Mean of the scores.", statistics.scores().mean());
    run.output()
        .ifPresent(
            output -> {
              add(metrics, "output_files", "Parquet files.", (double) output.files());
              add(metrics, "output_bytes", "Their size.", (double) output.bytes());
            });
    long failed = run.gates().stream().filter(gate -> gate.outcome().equals("failed")).count();
    add(metrics, "gates_failed", "Gates that failed, those that warn too.", (double) failed);
    run.compute()
        .flatMap(Manifest.Compute::busyShare)
        .ifPresent(
            share ->
                add(
                    metrics,
                    "device_busy_share",
                    "Share of the time of scoring in which devices were at work.",
                    share));
    for (Manifest.Stage stage : run.stages()) {
      metrics.add(
          new RunMetric(
              "stage_seconds",
              "The driver's time.",
              Map.of("stage", stage.name()),
              stage.seconds()));
    }
    return metrics;
  }

  private static void add(List<RunMetric> metrics, String name, String help, double value) {
    metrics.add(new RunMetric(name, help, Map.of(), value));
  }

  private static Map<String, String> info(Manifest run) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("run_id", run.run().id());
    run.run().date().ifPresent(date -> labels.put("run_date", date.toString()));
    run.model()
        .ifPresent(
            model -> {
              labels.put("model", model.name());
              labels.put("model_version", model.version());
            });
    run.compute().ifPresent(compute -> labels.put("backend", compute.backend()));
    return labels;
  }

  private static int published(Manifest run) {
    return run.exit().state() == State.PUBLISHED ? 1 : 0;
  }

  private static double seconds(Instant time) {
    return time.toEpochMilli() / 1e3;
  }
}
