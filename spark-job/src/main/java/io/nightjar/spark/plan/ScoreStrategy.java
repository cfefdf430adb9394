package io.nightjar.spark.plan;

import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;

/** Plans {@link Score} as {@link ScoreExec} and {@link Lookup} as {@link LookupExec}. */
public final class ScoreStrategy extends SparkStrategy {

  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    if (plan instanceof Score score) {
      return PlanNodes.seq(
          new ScoreExec(
              score.program(),
              score.inputs(),
              score.kept(),
              score.produced(),
              planLater(score.child())));
    }
    if (plan instanceof Lookup lookup) {
      return PlanNodes.seq(
          new LookupExec(
              planLater(lookup.rows()),
              planLater(lookup.table()),
              lookup.key(),
              lookup.tableKey(),
              lookup.name(),
              lookup.sent()));
    }
    return PlanNodes.seq(List.of());
  }
}
