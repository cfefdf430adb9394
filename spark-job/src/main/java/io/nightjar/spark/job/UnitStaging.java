package io.nightjar.spark.job;

import io.nightjar.spark.executor.CommittedTask;
import io.nightjar.spark.executor.CommittedWrites;
import io.nightjar.spark.executor.FilePart;
import io.nightjar.spark.units.FileParts;
import io.nightjar.spark.units.Unit;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stages what the tasks of one write commit, while others still work: as one unit what is at least
 * so many bytes of input. Tasks whose rows came out of a shuffle cannot say what of the input they
 * have read; these are staged when the write is done.
 *
 * <p>It works in a thread of its own, since who tells of a task's end must not wait for files.
 * Closed by who opens it; what was committed until then is staged, even if the write failed.
 */
final class UnitStaging implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UnitStaging.class);

  private final UnitLedger ledger;
  private final Unit whole;
  private final long unitBytes;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  private final List<Future<?>> taken = new ArrayList<>();

  // Of the thread.
  private final List<CommittedTask> unit = new ArrayList<>();
  private final List<CommittedTask> atTheEnd = new ArrayList<>();
  private final List<FilePart> read = new ArrayList<>();
  private Instant began = Instant.now();

  private CommittedWrites.HandOver handOver = () -> {};
  private boolean closed;

  private UnitStaging(UnitLedger ledger, Unit whole, long unitBytes) {
    this.ledger = ledger;
    this.whole = whole;
    this.unitBytes = unitBytes;
  }

  /**
   * Begins to take what tasks commit.
   *
   * @param ledger takes the units
   * @param whole what is written
   * @param folder of the write
   * @param unitBytes least bytes of a unit
   */
  static UnitStaging of(
      UnitLedger ledger, Unit whole, Path folder, long unitBytes, Configuration hadoop)
      throws IOException {
    UnitStaging staging = new UnitStaging(ledger, whole, unitBytes);
    staging.handOver = CommittedWrites.handOver(folder, hadoop, staging::take);
    return staging;
  }

  /** Takes what a task has committed; comes back at once. */
  private synchronized void take(CommittedTask task) {
    if (closed) {
      return; // of a write that was given up
    }
    taken.add(thread.submit(() -> add(task)));
  }

  private Void add(CommittedTask task) throws IOException {
    if (task.read().isEmpty()) {
      atTheEnd.add(task);
      return null;
    }
    unit.add(task);
    if (FileParts.bytes(parts(unit)) >= unitBytes) {
      stage(parts(unit));
    }
    return null;
  }

  private static List<FilePart> parts(Collection<CommittedTask> tasks) {
    return tasks.stream().flatMap(task -> task.read().stream()).toList();
  }

  /** Stages {@link #unit}, which has read {@code parts}. */
  private void stage(Collection<FilePart> parts) throws IOException {
    began = ledger.stage(unit, parts, began).ended();
    read.addAll(parts);
    unit.clear();
  }

  /** The write is done: stages the rest of it, with what nobody had to read. */
  synchronized void finish() throws IOException {
    taken.add(thread.submit(this::stageRest));
    try {
      for (Future<?> one : taken) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Cannot stage unit " + whole.name() + ": interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(
          "Cannot stage unit " + whole.name() + ": " + e.getCause().getMessage(), e.getCause());
    }
  }

  private Void stageRest() throws IOException {
    unit.addAll(atTheEnd);
    List<FilePart> rest = FileParts.lacking(whole.parts(), read);
    if (!unit.isEmpty() || !rest.isEmpty()) {
      stage(rest);
    }
    return null;
  }

  @Override
  public void close() {
    handOver.close();
    synchronized (this) {
      closed = true;
    }
    // Of a write that failed: nothing is left of one that was finished.
    thread.execute(
        () -> {
          try {
            if (!unit.isEmpty()) {
              stage(parts(unit));
            }
          } catch (IOException e) {
            LOG.warn("What tasks have committed is not staged, and will be scored again", e);
          }
        });
    thread.shutdown();
    try {
      if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.warn("What tasks have committed is still being staged after a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
