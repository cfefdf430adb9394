package io.nightjar.spark.plan;

import io.nightjar.spark.executor.ScoreProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.ExpressionSet;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Logical plan: the child's rows with their scores.
 *
 * <p>{@code productElement} mirrors the constructor, by which Catalyst copies the node and finds
 * its expressions: features and kept columns are what it references, so neither is pruned from the
 * child.
 */
public final class Score extends LogicalPlan implements UnaryNode {
  private static final long serialVersionUID = 1L;

  private final ScoreProgram program;
  private final Seq<Attribute> inputs;
  private final Seq<Attribute> kept;
  private final Seq<Attribute> produced;
  private final LogicalPlan child;

  /**
   * Makes the node.
   *
   * @param program what to score with and how
   * @param inputs the child's columns that the program reads, in its order
   * @param kept the child's columns that are put out again
   * @param produced the new columns: the score, then the logit if the program has one
   * @param child gives the rows
   */
  public Score(
      ScoreProgram program,
      Seq<Attribute> inputs,
      Seq<Attribute> kept,
      Seq<Attribute> produced,
      LogicalPlan child) {
    this.program = program;
    this.inputs = inputs;
    this.kept = kept;
    this.produced = produced;
    this.child = child;
  }

  /**
   * The plan that adds scores to {@code child}.
   *
   * <p>The new columns go by aliases above the node: where one plan holds the same scores twice, as
   * a self-join does, Spark tells them apart by giving the aliases of one side new ids. The
   * optimizer takes the aliases out where they are not needed.
   */
  public static LogicalPlan plan(
      ScoreProgram program,
      List<Attribute> inputs,
      List<Attribute> kept,
      List<Attribute> produced,
      LogicalPlan child) {
    Score score =
        new Score(
            program, PlanNodes.seq(inputs), PlanNodes.seq(kept), PlanNodes.seq(produced), child);
    List<NamedExpression> columns = new ArrayList<>(kept);
    produced.forEach(column -> columns.add(PlanNodes.alias(column)));
    return new Project(PlanNodes.seq(columns), score);
  }

  ScoreProgram program() {
    return program;
  }

  Seq<Attribute> inputs() {
    return inputs;
  }

  Seq<Attribute> kept() {
    return kept;
  }

  Seq<Attribute> produced() {
    return produced;
  }

  /** The same over other rows, and with other columns kept. */
  Score with(Seq<Attribute> newKept, LogicalPlan newChild) {
    return new Score(program, inputs, newKept, produced, newChild);
  }

  @Override
  public LogicalPlan child() {
    return child;
  }

  @Override
  public Seq<LogicalPlan> children() {
    return PlanNodes.seq(child);
  }

  @Override
  public Seq<Attribute> output() {
    return PlanNodes.concat(kept, produced);
  }

  @Override
  public AttributeSet producedAttributes() {
    return PlanNodes.attributeSet(produced);
  }

  @Override
  public Option<Object> maxRows() {
    return child.maxRows();
  }

  @Override
  public ExpressionSet validConstraints() {
    return child.constraints();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return child.outputOrdering();
  }

  @Override
  public LogicalPlan withNewChildInternal(LogicalPlan newChild) {
    return with(kept, newChild);
  }

  @Override
  public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> newChildren) {
    return withNewChildInternal(newChildren.apply(0));
  }

  @Override
  public Iterator<Object> stringArgs() {
    return PlanNodes.describe(program, inputs);
  }

  @Override
  public int productArity() {
    return 5;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> program;
      case 1 -> inputs;
      case 2 -> kept;
      case 3 -> produced;
      case 4 -> child;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof Score;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Score that
        && program.equals(that.program)
        && inputs.equals(that.inputs)
        && kept.equals(that.kept)
        && produced.equals(that.produced)
        && child.equals(that.child);
  }

  @Override
  public int hashCode() {
    return Objects.hash(program, inputs, kept, produced, child);
  }
}
