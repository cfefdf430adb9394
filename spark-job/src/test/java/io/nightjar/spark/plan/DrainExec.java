package io.nightjar.spark.plan;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Stands where a {@link ScoreExec} stood, reads what it read, and does what a turn does instead.
 */
final class DrainExec extends SparkPlan implements UnaryExecNode {
  private static final long serialVersionUID = 1L;

  private final ScoreExec score;
  private final Turn turn;

  DrainExec(ScoreExec score, Turn turn) {
    this.score = score;
    this.turn = turn;
  }

  /** What it stands in for. */
  ScoreExec score() {
    return score;
  }

  @Override
  public RDD<ColumnarBatch> doExecuteColumnar() {
    return turn.run(this);
  }

  @Override
  public RDD<InternalRow> doExecute() {
    throw new UnsupportedOperationException("Cannot execute " + turn + " by rows");
  }

  @Override
  public boolean supportsColumnar() {
    return true;
  }

  @Override
  public SparkPlan child() {
    return score.child();
  }

  @Override
  public Seq<SparkPlan> children() {
    return score.children();
  }

  @Override
  public Seq<Attribute> output() {
    return score.output();
  }

  @Override
  public AttributeSet producedAttributes() {
    return score.producedAttributes();
  }

  @Override
  public Partitioning outputPartitioning() {
    return score.outputPartitioning();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return score.outputOrdering();
  }

  @Override
  public SparkPlan withNewChildInternal(SparkPlan newChild) {
    return new DrainExec((ScoreExec) score.withNewChildInternal(newChild), turn);
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
    return withNewChildInternal(newChildren.apply(0));
  }

  @Override
  public int productArity() {
    return 2;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> score;
      case 1 -> turn;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof DrainExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DrainExec that && score.equals(that.score) && turn == that.turn;
  }

  @Override
  public int hashCode() {
    return score.hashCode() + turn.hashCode();
  }
}
