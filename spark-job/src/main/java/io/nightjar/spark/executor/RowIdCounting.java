package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.batch.Instances;
import io.nightjar.batch.JaggedTensor;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Counts the row ids of a partition as they would be scored: read, hashed, replaced or left out
 * where they lie outside their table, and of good rows only. The same code makes them. A row id may
 * come several times, each with a part of its count.
 *
 * @param program what would score
 * @param inputs the columns that it reads, in its order
 */
public record RowIdCounting(ScoreProgram program, List<BoundColumn> inputs)
    implements FlatMapFunction<Iterator<InternalRow>, Row>, Serializable {
  /** What comes of it: {@code table}, {@code row_id}, {@code lookups}. */
  public static final StructType SCHEMA =
      new StructType()
          .add("table", DataTypes.StringType, false)
          .add("row_id", DataTypes.IntegerType, false)
          .add("lookups", DataTypes.LongType, false);

  private static final int BATCH = 1_024;

  public RowIdCounting {
    inputs = List.copyOf(inputs);
  }

  @Override
  public Iterator<Row> call(Iterator<InternalRow> rows) {
    Counted counted = new Counted(new RowFiller(rows, FeatureFillers.of(program, inputs)));
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) ended -> counted.features.close());
    return counted;
  }

  /**
   * Fills batches as for a scorer, and gives counts whenever many rows were asked for. The batch is
   * closed when the task ends, however it does.
   */
  private final class Counted implements Iterator<Row> {
    private final RowFiller filler;
    private final PartitionScoring scoring =
        new PartitionScoring(program, inputs, List.of(), 0, null);
    private final FeatureBatch features =
        new FeatureBatch(
            program.dense().size(),
            program.sparse().stream().mapToInt(SparseInput::numEmbeddings).toArray(),
            BATCH,
            HostMemory.PLAIN);
    private final List<String> tables = new ArrayList<>();
    private final RowIdCounts counts = new RowIdCounts();
    private final Deque<Row> counted = new ArrayDeque<>();

    Counted(RowFiller filler) {
      this.filler = filler;
    }

    @Override
    public boolean hasNext() {
      while (counted.isEmpty() && filler.hasNext()) {
        while (!counts.isFull() && filler.hasNext()) {
          countBatch();
        }
        counts.forEach(
            (key, lookups) ->
                counted.add(
                    RowFactory.create(
                        tables.get((int) (key >>> Integer.SIZE)), (int) (long) key, lookups)));
        counts.clear();
      }
      return !counted.isEmpty();
    }

    @Override
    public Row next() {
      return counted.remove();
    }

    private void countBatch() {
      ScoringBatch batch = new ScoringBatch(features, scoring);
      while (batch.room() > 0 && filler.hasNext()) {
        filler.fill(batch);
      }
      for (int i = 0; i < program.sparse().size(); i++) {
        String table = program.sparse().get(i).table();
        if (!tables.contains(table)) {
          tables.add(table);
        }
        count(tables.indexOf(table), features.sparse(i), batch);
      }
    }

    private void count(int table, JaggedTensor bags, ScoringBatch batch) {
      Instances instances = bags.instances();
      for (int row = 0; row < batch.rows(); row++) {
        int bag = instances.areRows() ? row : instances.of(row);
        int end = batch.marks().isBad(row) ? 0 : bags.begin(bag + 1);
        for (int at = bags.begin(bag); at < end; at++) {
          counts.add(table, bags.ids().get(at));
        }
      }
    }
  }
}
