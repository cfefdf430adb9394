package io.nightjar.spark.plan;

import io.nightjar.spark.testing.Plans;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import scala.Function1;
import scala.runtime.BoxedUnit;

/**
 * Puts what {@link Turn#current} does in the place of every {@code Score}, in a finished plan. It
 * is to stand before {@link NightjarExtensions}: what comes first has the last word.
 */
public final class TurnExtensions implements Function1<SparkSessionExtensions, BoxedUnit> {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectColumnar(session -> new Instead());
    return BoxedUnit.UNIT;
  }

  private static final class Instead extends ColumnarRule {
    @Override
    public Rule<SparkPlan> postColumnarTransitions() {
      return new Replace();
    }
  }

  private static final class Replace extends Rule<SparkPlan> {
    @Override
    public SparkPlan apply(SparkPlan plan) {
      return plan.transformUp(new Rewrite<>(Replace::rewrite));
    }

    private static SparkPlan rewrite(SparkPlan plan) {
      if (!(plan instanceof ScoreExec score)) {
        return plan;
      }
      Turn turn = Turn.current();
      Plans.all(score.child(), FileSourceScanExec.class)
          .forEach(scan -> turn.schemas().add(scan.requiredSchema().simpleString()));
      return turn == Turn.SCORE ? score : new DrainExec(score, turn);
    }
  }
}
