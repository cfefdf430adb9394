package io.nightjar.spark.job;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.TaskContext;

/** Counts the rows that tasks of this process read, and fails them from one on; called from SQL. */
public final class RowCounter {
  private static final AtomicLong ROWS = new AtomicLong();
  private static final AtomicLong LAST = new AtomicLong();
  private static final AtomicInteger STARTS = new AtomicInteger();
  private static final Map<Long, Integer> START_OF_TASK = new ConcurrentHashMap<>();

  private RowCounter() {}

  /**
   * Counts anew, and only what tasks read that start from now on; the row behind {@code last}
   * fails.
   */
  static void start(long last) {
    STARTS.incrementAndGet();
    ROWS.set(0);
    LAST.set(last);
  }

  static long rows() {
    return ROWS.get();
  }

  /** Takes a row; gives 0. */
  public static int count() {
    long task = TaskContext.get().taskAttemptId();
    int start = START_OF_TASK.computeIfAbsent(task, first -> STARTS.get());
    if (start < STARTS.get()) {
      return 0; // of a cancelled task that has not noticed yet
    }
    if (ROWS.incrementAndGet() > LAST.get()) {
      throw new IllegalStateException("Cannot go on: the test says so");
    }
    return 0;
  }
}
