package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.batch.Transform;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.sql.execution.vectorized.OffHeapColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a task has in hand between the reader's batches and a scorer's. */
@State(Scope.Thread)
public class Filling {
  static final int DENSE = 13;
  static final int SPARSE = 26;
  static final int TABLE_ROWS = 1_000_000;

  /** Rows of a scoring batch. */
  static final int ROWS = 65_536;

  /** The reader's batches take turns, so that a branch predictor does not know them by heart. */
  private static final int DISTINCT = 4;

  @Param("FLAT")
  BatchKind kind;

  final List<ColumnarBatch> batches = new ArrayList<>();
  FeatureBatch features;
  FeatureFillers fillers;
  PartitionScoring scoring;
  Drain drain;
  FloatBuffer scores;
  BadRowMarks noMarks;

  /** Makes columns, and a batch for them to go to. */
  @Setup(Level.Trial)
  public void make() throws IOException {
    for (int i = 0; i < DISTINCT; i++) {
      ColumnVector[] columns =
          MadeColumns.batch(kind, i).toArray(OffHeapColumnVector[]::new);
      batches.add(new ColumnarBatch(columns, MadeColumns.ROWS));
    }
    int[] numEmbeddings = new int[SPARSE];
    Arrays.fill(numEmbeddings, TABLE_ROWS);
    features = new FeatureBatch(DENSE, numEmbeddings, ROWS, HostMemory.PLAIN);
    List<DenseInput> dense = new ArrayList<>();
    List<SparseInput> sparse = new ArrayList<>();
    List<BoundColumn> inputs = new ArrayList<>();
    for (int i = 0; i < DENSE; i++) {
      String name = "I" + i;
      dense.add(new DenseInput(name, name, true, 0, Transform.LOG1P));
      inputs.add(new BoundColumn(name, i, DataTypes.FloatType));
    }
    for (int i = 0; i < SPARSE; i++) {
      String name = "C" + i;
      DataType type = batches.get(0).column(DENSE + i).dataType();
      sparse.add(
          new SparseInput(name, name, name, TABLE_ROWS, TABLE_ROWS, new OutOfRange.BadRow()));
      inputs.add(new BoundColumn(name, DENSE + i, type));
    }
    BoundColumn key = new BoundColumn("key", DENSE + SPARSE, DataTypes.LongType);
    ModelReference model = new ModelReference("none", "none", "none", Backend.CPU, Precision.FP32, EmbeddingBagSpec.AUTO);
    ScoreProgram program =
        new ScoreProgram(
            "none", model, ROWS, dense, sparse, List.of(), List.of(), BadRows.FAIL, false);
    scoring = new PartitionScoring(program, inputs, List.of(key), 0, null);
    fillers = FeatureFillers.of(program, inputs);
    drain = Drain.of(scoring, 1);
    SplittableRandom random = new SplittableRandom(7);
    scores = HostMemory.PLAIN.allocate(ROWS * Float.BYTES).asFloatBuffer();
    for (int row = 0; row < ROWS; row++) {
      // Click rates: the logits of a model lie around -3.
      double logit = random.nextDouble() + random.nextDouble() + random.nextDouble() * 4 - 6;
      scores.put(row, (float) (1 / (1 + Math.exp(-logit))));
    }
    noMarks = new BadRowMarks(ROWS, false);
  }

  /** The reader's batch that is the {@code i}th. */
  ColumnarBatch batch(int i) {
    return batches.get(i % DISTINCT);
  }
}
