package io.nightjar.spark.plan;

import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Keeps only the columns that someone above {@link Score} uses, and asks its child for no others,
 * in the child's own order: a scan then feeds {@link ScoreExec} without a projection between them,
 * which would turn its columns into rows.
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
    if (plan instanceof Score score) {
      return score.with(score.kept(), pruned(score.child(), score.references()));
    }
    return plan;
  }

  private static LogicalPlan pruned(LogicalPlan child, AttributeSet needed) {
    LogicalPlan source = child;
    while (source instanceof Project project && onlySelects(project)) {
      source = project.child();
    }
    if (source.outputSet().subsetOf(needed)) {
      return source;
    }
    List<NamedExpression> columns =
        PlanNodes.list(source.output()).stream()
            .filter(needed::contains)
            .map(column -> (NamedExpression) column)
            .toList();
    return new Project(PlanNodes.seq(columns), source);
  }

  private static boolean onlySelects(Project project) {
    return PlanNodes.list(project.projectList()).stream().allMatch(Attribute.class::isInstance);
  }
}
