package io.nightjar.spark.plan;

import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.RowToColumnarExec;
import org.apache.spark.sql.execution.SparkPlan;

/**
 * Takes out the conversion to columns that Spark puts below a columnar node: {@link ScoreExec}
 * fills its batch from rows, with one copy instead of two.
 */
final class ScoreRowsDirectly extends ColumnarRule {

  @Override
  public Rule<SparkPlan> postColumnarTransitions() {
    return new RemoveConversion();
  }

  private static final class RemoveConversion extends Rule<SparkPlan> {
    @Override
    public SparkPlan apply(SparkPlan plan) {
      return plan.transformUp(new Rewrite<>(RemoveConversion::rewrite));
    }

    private static SparkPlan rewrite(SparkPlan plan) {
      if (plan instanceof ScoreExec score && score.child() instanceof RowToColumnarExec rows) {
        return score.withNewChildInternal(rows.child());
      }
      return plan;
    }
  }
}
