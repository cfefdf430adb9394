package io.nightjar.spark.plan;

import io.nightjar.spark.executor.ScoreProgram;
import java.util.Objects;
import org.apache.spark.sql.catalyst.analysis.MultiInstanceRelation;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.ExpressionSet;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
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
public final class Score extends LogicalPlan implements UnaryNode, MultiInstanceRelation {
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

  /** A second instance in one plan: its new columns are other columns than those of the first. */
  @Override
  public LogicalPlan newInstance() {
    return new Score(program, inputs, kept, PlanNodes.renewed(produced), child);
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
