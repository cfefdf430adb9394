package io.nightjar.spark.plan;

import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.RowToColumnarExec;
import org.apache.spark.sql.execution.SparkPlan;

/**
 * Takes out what would stand between {@link ScoreExec} or {@link LookupExec} and what it can read
 * itself: a projection that only leaves out or reorders columns, and would make rows of a scan's
 * columns; and the conversion of rows to columns, where {@link ScoreExec} fills its batch from rows
 * with one copy instead of two, or {@link LookupExec} reads the rows of its table.
 */
final class ScoreDirectly extends ColumnarRule {

  @Override
  public Rule<SparkPlan> preColumnarTransitions() {
    return new RemoveProjection();
  }

  @Override
  public Rule<SparkPlan> postColumnarTransitions() {
    return new RemoveConversion();
  }

  private static final class RemoveProjection extends Rule<SparkPlan> {
    @Override
    public SparkPlan apply(SparkPlan plan) {
      return plan.transformUp(new Rewrite<>(RemoveProjection::rewrite));
    }

    private static SparkPlan rewrite(SparkPlan plan) {
      if (plan instanceof ScoreExec score) {
        return score.withNewChildInternal(unprojected(score.child()));
      } else if (plan instanceof LookupExec lookup) {
        return lookup.with(unprojected(lookup.rows()), lookup.table());
      }
      return plan;
    }

    private static SparkPlan unprojected(SparkPlan child) {
      return child instanceof ProjectExec projection
              && PlanNodes.list(projection.projectList()).stream()
                  .allMatch(Attribute.class::isInstance)
          ? projection.child()
          : child;
    }
  }

  private static final class RemoveConversion extends Rule<SparkPlan> {
    @Override
    public SparkPlan apply(SparkPlan plan) {
      return plan.transformUp(new Rewrite<>(RemoveConversion::rewrite));
    }

    private static SparkPlan rewrite(SparkPlan plan) {
      if (plan instanceof ScoreExec score && score.child() instanceof RowToColumnarExec rows) {
        return score.withNewChildInternal(rows.child());
      } else if (plan instanceof LookupExec lookup
          && lookup.table() instanceof RowToColumnarExec rows) {
        return lookup.with(lookup.rows(), rows.child());
      }
      return plan;
    }
  }
}
