package io.nightjar.spark.job;

import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;

/** How large a table may be that every executor, and the driver, can well hold decoded. */
final class SentLimit {
  /**
   * Rows take some times what their files do. Where both tables are sent, a process holds each
   * twice at most, compressed and by columns. Where pairs are brought to one, Spark sends the other
   * anew for each unit: up to 16 that are written side by side have rows of their own, and the
   * driver holds them twice.
   */
  private static final long HEAP_A_BYTE = 256;

  /** Far below the 8 GiB at which Spark gives up. */
  private static final long MOST = 1L << 30;

  private SentLimit() {}

  /** Most bytes of its files; less than 0 if none may be sent. */
  static long bytes(SparkSession session) {
    SQLConf sql = ((org.apache.spark.sql.classic.SparkSession) session).sessionState().conf();
    if (sql.contains(SQLConf.AUTO_BROADCASTJOIN_THRESHOLD().key())) {
      return sql.autoBroadcastJoinThreshold();
    }
    SparkContext spark = session.sparkContext();
    long driver = Runtime.getRuntime().maxMemory();
    long executor =
        spark.isLocal() ? driver : spark.conf().getSizeAsBytes("spark.executor.memory", "1g");
    long share = Math.min(driver, executor) / HEAP_A_BYTE;
    return Math.max(sql.autoBroadcastJoinThreshold(), Math.min(MOST, share));
  }
}
