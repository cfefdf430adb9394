package io.nightjar.spark.job;

import io.nightjar.spark.units.Unit;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes units side by side, as many as keep every core at work, each from a thread of its own.
 * When one fails the others are cancelled.
 */
final class SideBySide {
  private static final Logger LOG = LoggerFactory.getLogger(SideBySide.class);

  private static final int MOST = 16;

  private SideBySide() {}

  /** Writes one unit; several threads call it. */
  @FunctionalInterface
  interface Write {
    void of(Unit unit) throws IOException;
  }

  /** Comes back when every unit is written or, after a failure, when none is being written. */
  static void write(SparkContext spark, List<Unit> units, Write write) throws IOException {
    String group = "nightjar-" + UUID.randomUUID();
    ExecutorService threads = Executors.newFixedThreadPool(count(spark, units));
    try {
      CompletionService<Unit> written = new ExecutorCompletionService<>(threads);
      for (Unit unit : units) {
        written.submit(
            () -> {
              spark.setJobGroup(group, "score " + unit.name(), false);
              write.of(unit);
              return unit;
            });
      }
      for (int i = 0; i < units.size(); i++) {
        written.take().get();
      }
    } catch (ExecutionException e) {
      cancel(spark, threads, group);
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      cancel(spark, threads, group);
      Thread.currentThread().interrupt();
      throw new IOException("Cannot write units: interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A part of a unit, which is a file or some row groups of one, for each core, and one unit. */
  private static int count(SparkContext spark, List<Unit> units) {
    double parts = units.stream().mapToInt(unit -> unit.parts().size()).average().orElse(1);
    int wanted = 1 + (int) Math.ceil(spark.defaultParallelism() / Math.max(1, parts));
    return Math.max(1, Math.min(units.size(), Math.min(MOST, wanted)));
  }

  /** Comes back when no unit writes any more: the folder may be another attempt's next. */
  private static void cancel(SparkContext spark, ExecutorService threads, String group) {
    threads.shutdownNow();
    // That of a thread that was about to begin, too.
    spark.cancelJobGroupAndFutureJobs(group);
    try {
      if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.warn("Units that were cancelled are still being written after a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a unit's thread threw, to be thrown again here. */
  private static RuntimeException failure(Throwable cause) throws IOException {
    if (cause instanceof IOException io) {
      throw io;
    } else if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException("Cannot write a unit: " + cause, cause);
  }
}
