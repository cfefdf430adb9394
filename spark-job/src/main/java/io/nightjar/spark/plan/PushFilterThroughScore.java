package io.nightjar.spark.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Filters before scoring what can be: deterministic conditions on the child's columns. A partition
 * filter reaches the scan by it, and a row that is filtered out is never scored.
 */
final class PushFilterThroughScore extends Rule<LogicalPlan> {

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    return plan.transformDown(new Rewrite<>(PushFilterThroughScore::rewrite));
  }

  private static LogicalPlan rewrite(LogicalPlan plan) {
    if (!(plan instanceof Filter filter) || !(filter.child() instanceof Score score)) {
      return plan;
    }
    List<Expression> below = new ArrayList<>();
    List<Expression> above = new ArrayList<>();
    for (Expression condition : conjuncts(filter.condition(), new ArrayList<>())) {
      boolean pushed =
          condition.deterministic() && condition.references().subsetOf(score.child().outputSet());
      (pushed ? below : above).add(condition);
    }
    if (below.isEmpty()) {
      return plan;
    }
    LogicalPlan pushed = score.with(score.kept(), new Filter(conjunction(below), score.child()));
    return above.isEmpty() ? pushed : new Filter(conjunction(above), pushed);
  }

  private static List<Expression> conjuncts(Expression condition, List<Expression> all) {
    if (condition instanceof And and) {
      conjuncts(and.left(), all);
      conjuncts(and.right(), all);
    } else {
      all.add(condition);
    }
    return all;
  }

  private static Expression conjunction(List<Expression> conditions) {
    return conditions.stream().reduce(And::new).orElseThrow();
  }
}
