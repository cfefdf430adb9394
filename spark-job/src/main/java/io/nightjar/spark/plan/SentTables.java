package io.nightjar.spark.plan;

import io.nightjar.spark.lookup.SentTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.types.StructType;

/**
 * The tables that a run has sent to its executors, each once, however many of its plans look rows
 * up there. Whoever makes it closes it when nothing looks rows up any more. Thread-safe.
 */
public final class SentTables implements AutoCloseable {
  private final Map<SparkPlan, Sent> sent = new HashMap<>();

  /**
   * A table that was sent.
   *
   * @param table for the executors
   * @param rows how many it has
   * @param bytes its size, as it is sent to each of them
   */
  record Sent(Broadcast<SentTable> table, long rows, long bytes) {}

  /** The rows of {@code plan}, which are read and sent when they are first asked for. */
  synchronized Sent of(SparkPlan plan) {
    return sent.computeIfAbsent(plan.canonicalized(), same -> send(plan));
  }

  private static Sent send(SparkPlan plan) {
    SparkContext spark = plan.sparkContext();
    StructType columns = plan.schema();
    SentTable table =
        new SentTable(
            plan.execute()
                .toJavaRDD()
                .mapPartitions(rows -> List.of(SentTable.part(rows, columns)).iterator())
                .collect());
    return new Sent(
        JavaSparkContext.fromSparkContext(spark).broadcast(table), table.rows(), table.bytes());
  }

  @Override
  public synchronized void close() {
    sent.values().forEach(one -> one.table().destroy());
    sent.clear();
  }
}
