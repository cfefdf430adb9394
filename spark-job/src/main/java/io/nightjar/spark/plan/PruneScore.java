package io.nightjar.spark.plan;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Keeps only the columns that someone above {@link Score} uses, and asks its child for no others.
 * Catalyst prunes below the nodes that it knows only.
 */
final class PruneScore extends Rule<LogicalPlan> {

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    return plan.transformDown(new Rewrite<>(PruneScore::rewrite));
  }

  private static LogicalPlan rewrite(LogicalPlan plan) {
    if (plan instanceof Project project && project.child() instanceof Score score) {
      List<Attribute> kept = PlanNodes.list(score.kept());
      List<Attribute> used = kept.stream().filter(project.references()::contains).toList();
      return used.size() == kept.size()
          ? plan
          : new Project(project.projectList(), score.with(PlanNodes.seq(used), score.child()));
    }
    if (plan instanceof Score score && !score.child().outputSet().subsetOf(score.references())) {
      return score.with(score.kept(), pruned(score));
    }
    return plan;
  }

  private static LogicalPlan pruned(Score score) {
    List<NamedExpression> columns =
        PlanNodes.list(score.child().output()).stream()
            .filter(score.references()::contains)
            .map(column -> (NamedExpression) column)
            .toList();
    return new Project(PlanNodes.seq(columns), score.child());
  }
}
