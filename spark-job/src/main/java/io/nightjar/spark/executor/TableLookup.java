package io.nightjar.spark.executor;

import io.nightjar.spark.lookup.LookedUpColumn;
import io.nightjar.spark.lookup.LookupTable;
import io.nightjar.spark.lookup.SentTable;
import io.nightjar.spark.lookup.TableSchema;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * A {@code Lookup} as it travels to the executors: puts the columns of a table beside those of each
 * batch, as row numbers of the table that an executor holds once.
 *
 * @param key where the key lies in the batches
 * @param schema of the table
 * @param sent the table
 * @param metrics what is counted
 */
public record TableLookup(
    int key, TableSchema schema, Broadcast<SentTable> sent, LookupMetrics metrics)
    implements Serializable {

  /** Looks the batches of the current task's partition up. */
  public Iterator<ColumnarBatch> of(Iterator<ColumnarBatch> batches) {
    StageClock clock = TaskLedger.of(TaskContext.get()).clock();
    StageClock.Turn lookUp = metrics.turn();
    return new Iterator<>() {
      private LookupTable table;

      @Override
      public boolean hasNext() {
        return batches.hasNext();
      }

      @Override
      public ColumnarBatch next() {
        ColumnarBatch batch = batches.next();
        StageClock.Turn before = clock.enter(lookUp);
        try {
          if (table == null) {
            table = sent.value().table(schema);
          }
          metrics.outputRows().add(batch.numRows());
          return beside(batch, table);
        } finally {
          clock.enter(before);
        }
      }
    };
  }

  private ColumnarBatch beside(ColumnarBatch batch, LookupTable table) {
    LookedUpColumn[] found = table.columns(table.find(batch.column(key), batch.numRows()));
    ColumnVector[] columns = new ColumnVector[batch.numCols() + found.length];
    for (int i = 0; i < batch.numCols(); i++) {
      columns[i] = batch.column(i);
    }
    System.arraycopy(found, 0, columns, batch.numCols(), found.length);
    return new ColumnarBatch(columns, batch.numRows());
  }
}
