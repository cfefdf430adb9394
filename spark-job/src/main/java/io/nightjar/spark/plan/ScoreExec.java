package io.nightjar.spark.plan;

import io.nightjar.spark.executor.BoundColumn;
import io.nightjar.spark.executor.PartitionScoring;
import io.nightjar.spark.executor.ScoreMetrics;
import io.nightjar.spark.executor.ScoreProgram;
import io.nightjar.spark.executor.ScorerPool;
import java.util.List;
import java.util.Objects;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.Iterator;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;

/**
 * Physical plan: columns out, and columns or rows in, whichever the child gives. It keeps the order
 * and the partitioning of its child, for it leaves each row in its place.
 */
// Spark declares plans serializable and Scala's lists are so, though not by their static type.
@SuppressWarnings("serial")
public final class ScoreExec extends SparkPlan implements UnaryExecNode {
  private static final long serialVersionUID = 1L;

  private final ScoreProgram program;
  private final Seq<Attribute> inputs;
  private final Seq<Attribute> kept;
  private final Seq<Attribute> produced;
  private final SparkPlan child;
  private ScoreMetrics metrics;

  /** The counterpart of {@link Score}, with the same parts. */
  public ScoreExec(
      ScoreProgram program,
      Seq<Attribute> inputs,
      Seq<Attribute> kept,
      Seq<Attribute> produced,
      SparkPlan child) {
    this.program = program;
    this.inputs = inputs;
    this.kept = kept;
    this.produced = produced;
    this.child = child;
  }

  @Override
  public RDD<ColumnarBatch> doExecuteColumnar() {
    PartitionScoring scoring = scoring();
    return child.supportsColumnar()
        ? child.executeColumnar().toJavaRDD().mapPartitions(scoring::ofColumns, true).rdd()
        : child.execute().toJavaRDD().mapPartitions(scoring::ofRows, true).rdd();
  }

  /** What goes to the executors. */
  PartitionScoring scoring() {
    return new PartitionScoring(
        program, bind(inputs), bind(kept), ScorerPool.configuredSize(conf()), scoreMetrics());
  }

  @Override
  public RDD<InternalRow> doExecute() {
    throw new UnsupportedOperationException("Cannot execute Score by rows: it gives columns");
  }

  @Override
  public boolean supportsColumnar() {
    return true;
  }

  /** Where each of {@code attributes} lies in the child's rows. */
  private List<BoundColumn> bind(Seq<Attribute> attributes) {
    return PlanNodes.list(attributes).stream()
        .map(
            attribute ->
                new BoundColumn(
                    attribute.name(),
                    PlanNodes.ordinal(attribute, child.output()),
                    attribute.dataType()))
        .toList();
  }

  /** Made when first asked for: a plan that is only looked at registers no accumulators. */
  private synchronized ScoreMetrics scoreMetrics() {
    if (metrics == null) {
      metrics = ScoreMetrics.create(sparkContext(), program.model().backend());
    }
    return metrics;
  }

  @Override
  public Map<String, SQLMetric> metrics() {
    return scoreMetrics().byName();
  }

  @Override
  public SparkPlan child() {
    return child;
  }

  @Override
  public Seq<SparkPlan> children() {
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
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return child.outputOrdering();
  }

  @Override
  public SparkPlan withNewChildInternal(SparkPlan newChild) {
    return new ScoreExec(program, inputs, kept, produced, newChild);
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
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
    return other instanceof ScoreExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScoreExec that
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
