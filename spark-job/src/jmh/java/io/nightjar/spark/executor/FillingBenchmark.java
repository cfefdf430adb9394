package io.nightjar.spark.executor;

import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** Nanoseconds a row of what a task does with the columns that it has read, part by part. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Filling.ROWS)
public class FillingBenchmark {
  private static final int BATCHES = Filling.ROWS / MadeColumns.ROWS;

  /** What (b) does: reads every value and keeps the keys. */
  @Benchmark
  public int drain(Filling filling) {
    Iterator<ColumnarBatch> read =
        filling.drain.ofColumns(IntStream.range(0, BATCHES).mapToObj(filling::batch).iterator());
    int rows = 0;
    while (read.hasNext()) {
      rows += read.next().numRows();
    }
    return rows;
  }

  /** All that (c) does in its place, but for the device. */
  @Benchmark
  public Object whole(Filling filling) {
    ScoringBatch batch = new ScoringBatch(filling.features, filling.scoring);
    for (int i = 0; i < BATCHES; i++) {
      int at = i * MadeColumns.ROWS;
      dense(filling, i, at, batch.marks());
      sparse(filling, i, at, batch.marks());
      batch.keep(filling.batch(i), 0, MadeColumns.ROWS);
    }
    PartitionTally tally = new PartitionTally(filling.scoring.program(), filling.fillers);
    tally.countFilled(filling.features, batch.rows(), batch.marks());
    tally.countScores(filling.scores, batch.rows(), batch.marks());
    return tally;
  }

  /** Dense features alone. */
  @Benchmark
  public void dense(Filling filling) {
    for (int i = 0; i < BATCHES; i++) {
      dense(filling, i, i * MadeColumns.ROWS, filling.noMarks);
    }
  }

  /** Sparse features alone. */
  @Benchmark
  public void sparse(Filling filling) {
    for (int i = 0; i < BATCHES; i++) {
      sparse(filling, i, i * MadeColumns.ROWS, filling.noMarks);
    }
  }

  /** Counting what was filled and the scores. */
  @Benchmark
  public Object count(Filling filling) {
    PartitionTally tally = new PartitionTally(filling.scoring.program(), filling.fillers);
    tally.countScores(filling.scores, Filling.ROWS, filling.noMarks);
    return tally;
  }

  private static void dense(Filling filling, int batch, int at, BadRowMarks marks) {
    ColumnarBatch columns = filling.batch(batch);
    for (int f = 0; f < Filling.DENSE; f++) {
      DenseFiller filler = filling.fillers.dense().get(f);
      filler.fill(
          columns.column(filler.ordinal()), 0, MadeColumns.ROWS, filling.features.dense(f), at, marks);
    }
  }

  private static void sparse(Filling filling, int batch, int at, BadRowMarks marks) {
    ColumnarBatch columns = filling.batch(batch);
    for (int f = 0; f < Filling.SPARSE; f++) {
      SparseFiller filler = filling.fillers.sparse().get(f);
      filler.fill(
          columns.column(filler.ordinal()), 0, MadeColumns.ROWS, filling.features.sparse(f), at, marks);
    }
  }
}
