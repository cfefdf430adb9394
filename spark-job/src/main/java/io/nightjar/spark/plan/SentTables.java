package io.nightjar.spark.plan;

import io.nightjar.spark.lookup.SentTable;
import io.nightjar.spark.lookup.TableKeys;
import io.nightjar.spark.lookup.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.execution.SparkPlan;
import scala.Tuple2;

/**
 * The tables that a run has sent to its executors, each once, however many of its plans look rows
 * up there. Whoever makes it closes it when nothing looks rows up any more. Thread-safe.
 *
 * <p>A table's keys are looked at while it passes through the driver, so that none is sent, and no
 * row looked up, where a key is null or there twice.
 */
public final class SentTables implements AutoCloseable {
  private final Runnable keyCheck;
  private final Map<Keyed, Sent> sent = new HashMap<>();

  /**
   * @param keyCheck run before a table is sent in which a key may be null or there twice; it throws
   *     if one is
   */
  public SentTables(Runnable keyCheck) {
    this.keyCheck = keyCheck;
  }

  /** The same rows by another key are another table. */
  private record Keyed(SparkPlan rows, int ordinal) {}

  /**
   * A table that was sent.
   *
   * @param table for the executors
   * @param rows how many it has
   * @param bytes its size, as it is sent to each of them
   */
  record Sent(Broadcast<SentTable> table, long rows, long bytes) {}

  /** The rows of {@code plan}, which are read and sent when they are first asked for. */
  synchronized Sent of(SparkPlan plan, TableSchema schema) {
    return sent.computeIfAbsent(
        new Keyed(plan.canonicalized(), schema.ordinal()), same -> send(plan, schema));
  }

  private Sent send(SparkPlan plan, TableSchema schema) {
    SparkContext spark = plan.sparkContext();
    List<Tuple2<byte[], long[]>> parts =
        plan.execute()
            .toJavaRDD()
            .mapPartitionsToPair(rows -> List.of(SentTable.part(rows, schema)).iterator())
            .collect();
    SentTable table = new SentTable(parts.stream().map(Tuple2::_1).toList());
    if (!TableKeys.areUnique(parts.stream().map(Tuple2::_2).toList(), table.rows())) {
      keyCheck.run();
    }
    return new Sent(
        JavaSparkContext.fromSparkContext(spark).broadcast(table), table.rows(), table.bytes());
  }

  @Override
  public synchronized void close() {
    sent.values().forEach(one -> one.table().destroy());
    sent.clear();
  }
}
