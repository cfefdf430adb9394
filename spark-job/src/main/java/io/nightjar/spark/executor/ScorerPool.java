package io.nightjar.spark.executor;

import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmScorer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.internal.SQLConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scorers of one model for one batch size: opened when first needed, at most so many, handed
 * out in the order of asking. It owns them.
 */
public final class ScorerPool {
  /** Most scorers an executor opens for a model and batch size; 0, the default, is slots + 1. */
  public static final String SIZE_KEY = "spark.nightjar.scorers";

  private static final Logger LOG = LoggerFactory.getLogger(ScorerPool.class);
  private static final long KILL_CHECK_MILLIS = 100;

  private final DlrmModel model;
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Object> waiting = new ArrayDeque<>();
  private final Deque<DlrmScorer> idle = new ArrayDeque<>();
  private int free;

  /**
   * Makes an empty pool.
   *
   * @param model whose scorers; it outlives the pool
   * @param capacity rows a batch
   * @param size most scorers, at least 1
   */
  ScorerPool(DlrmModel model, int capacity, int size) {
    this.model = model;
    this.capacity = capacity;
    this.free = size;
  }

  /** What {@link #SIZE_KEY} says in a session; 0 if nothing. */
  public static int configuredSize(SQLConf conf) {
    String text = conf.getConfString(SIZE_KEY, "0");
    try {
      int size = Integer.parseInt(text);
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Said below, with the value.
    }
    throw new IllegalArgumentException(
        "Invalid "
            + SIZE_KEY
            + ": "
            + text
            + ", expected 0 (task slots + 1) or a number of scorers");
  }

  /** One for each task that this executor runs at a time, and one to be filled meanwhile. */
  public static int defaultSize() {
    SparkConf conf = SparkEnv.get().conf();
    String master = conf.get("spark.master", "");
    int cores =
        master.startsWith("local") && !master.startsWith("local-cluster")
            ? SparkContext$.MODULE$.numDriverCores(master)
            : conf.getInt("spark.executor.cores", Runtime.getRuntime().availableProcessors());
    return Math.max(1, cores / conf.getInt("spark.task.cpus", 1)) + 1;
  }

  /** A scorer if one is free and nobody waits for it, else null. The caller gives it back. */
  DlrmScorer tryTake() {
    lock.lock();
    try {
      if (free == 0 || !waiting.isEmpty()) {
        return null;
      }
      free--;
    } finally {
      lock.unlock();
    }
    return idleOrNew();
  }

  /**
   * Waits for a scorer. The caller gives it back, and holds no other one while it waits.
   *
   * @throws TaskKilledException if {@code task} is killed meanwhile
   */
  DlrmScorer take(TaskContext task) {
    Object ticket = new Object();
    lock.lock();
    try {
      waiting.add(ticket);
      while (free == 0 || waiting.peek() != ticket) {
        if (task.isInterrupted()) {
          throw new TaskKilledException("killed while it waited for a scorer");
        }
        changed.await(KILL_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      }
      free--;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskKilledException("interrupted while it waited for a scorer");
    } finally {
      waiting.remove(ticket);
      changed.signalAll();
      lock.unlock();
    }
    return idleOrNew();
  }

  private DlrmScorer idleOrNew() {
    lock.lock();
    try {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    } finally {
      lock.unlock();
    }
    boolean opened = false;
    try {
      DlrmScorer scorer = model.newScorer(capacity);
      opened = true;
      return scorer;
    } finally {
      if (!opened) {
        addFree(null);
      }
    }
  }

  /** Takes back a scorer whose batch, if any, was awaited. */
  void giveBack(DlrmScorer scorer) {
    addFree(scorer);
  }

  /**
   * Takes back a scorer that may still be at work: it is waited for, and closed if its batch
   * failed.
   */
  void drainAndGiveBack(DlrmScorer scorer) {
    boolean sound = false;
    try {
      scorer.await();
      sound = true;
    } catch (RuntimeException e) {
      LOG.warn(
          "Closing a scorer whose last batch failed: {}", DeviceFault.endOrThrow(e).toString());
    }
    if (!sound) {
      scorer.close();
    }
    addFree(sound ? scorer : null);
  }

  private void addFree(DlrmScorer scorer) {
    lock.lock();
    try {
      if (scorer != null) {
        idle.push(scorer);
      }
      free++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Closes all scorers. Nobody uses the model any more. */
  void close() {
    lock.lock();
    try {
      idle.forEach(DlrmScorer::close);
      idle.clear();
    } finally {
      lock.unlock();
    }
  }
}
