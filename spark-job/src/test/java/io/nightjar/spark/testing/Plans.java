package io.nightjar.spark.testing;

import io.nightjar.spark.plan.ScoreExec;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import scala.jdk.javaapi.CollectionConverters;

/** Looks into physical plans. */
public final class Plans {
  private Plans() {}

  /** The plan that runs, or ran. */
  public static SparkPlan executed(Dataset<Row> dataset) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) dataset).queryExecution().executedPlan();
  }

  /** The plan as it was written down. */
  public static LogicalPlan analyzed(Dataset<Row> dataset) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) dataset).queryExecution().analyzed();
  }

  /** Every node of one class, below adaptive wrappers too, from the top down. */
  public static <T extends SparkPlan> List<T> all(SparkPlan plan, Class<T> kind) {
    List<T> found = new ArrayList<>();
    collect(plan, kind, found);
    return found;
  }

  private static <T extends SparkPlan> void collect(SparkPlan plan, Class<T> kind, List<T> found) {
    if (kind.isInstance(plan)) {
      found.add(kind.cast(plan));
    }
    if (plan instanceof AdaptiveSparkPlanExec adaptive) {
      collect(adaptive.executedPlan(), kind, found);
    } else if (plan instanceof QueryStageExec stage) {
      collect(stage.plan(), kind, found);
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> collect(child, kind, found));
  }

  /** The only {@code Score} of a plan. */
  public static ScoreExec score(Dataset<Row> dataset) {
    List<ScoreExec> scores = all(executed(dataset), ScoreExec.class);
    if (scores.size() != 1) {
      throw new AssertionError("Expected one Score in " + executed(dataset));
    }
    return scores.get(0);
  }

  /** What a metric of a {@code Score} counted. */
  public static long metric(ScoreExec score, String name) {
    return score.metrics().apply(name).value();
  }
}
