package io.nightjar.spark.executor;

import io.nightjar.model.InvalidModelException;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.spark.statistics.Stage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline of one partition: fills one batch while another one is scored.
 *
 * <p>It borrows a scorer for each of the two, and gives both back when the partition ends, when the
 * task does, or when another pipeline of the same task would have to wait for one. What was filled
 * or submitted by then becomes output early, in a smaller batch.
 */
final class PartitionScorer implements Iterator<ColumnarBatch> {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionScorer.class);

  private final PartitionScoring scoring;
  private final BatchFiller filler;
  private final ScoreMetrics metrics;
  private final TaskContext task;
  private final StageClock clock;
  private final PartitionTally tally;
  private final StageClock.Turn fill;
  private final StageClock.Turn open;
  private final StageClock.Turn wait;
  private final StageClock.Turn compute;
  private final StageClock.Turn copyOut;
  private final Deque<ColumnarBatch> finished = new ArrayDeque<>();
  private ModelRegistry.Use model;
  private ScorerPool pool;
  private ScoringBatch filling;
  private ScoringBatch running;
  private Quarantine.Writer quarantine;
  private ScorerHolders holders = ScorerHolders.ofThisThread();
  private long badRows;
  private boolean closed;

  PartitionScorer(PartitionScoring scoring, BatchFiller filler) {
    this.scoring = scoring;
    this.filler = filler;
    this.metrics = scoring.metrics();
    this.task = TaskContext.get();
    this.tally = new PartitionTally(scoring.program(), filler.features());
    this.fill = metrics.turn(Stage.FILL);
    this.open = metrics.turn(Stage.OPEN);
    this.wait = metrics.turn(Stage.WAIT);
    this.compute = metrics.turn(Stage.COMPUTE);
    this.copyOut = metrics.turn(Stage.COPY_OUT);
    TaskLedger ledger = TaskLedger.of(task);
    ledger.add(tally);
    this.clock = ledger.clock();
    task.addTaskCompletionListener((TaskCompletionListener) context -> close());
  }

  @Override
  public boolean hasNext() {
    StageClock.Turn before = clock.enter(fill);
    try {
      while (finished.isEmpty() && !closed) {
        advance();
      }
      return !finished.isEmpty();
    } catch (BadRowException e) {
      throw StopRequest.send(ScoringFailure.Kind.BAD_ROW, e, task);
    } catch (InvalidModelException e) {
      throw StopRequest.send(ScoringFailure.Kind.MODEL, e, task);
    } catch (BackendUnavailableException e) {
      throw StopRequest.send(ScoringFailure.Kind.BACKEND, e, task);
    } catch (RuntimeException e) {
      throw DeviceFault.endOrThrow(e);
    } finally {
      clock.enter(before);
    }
  }

  @Override
  public ColumnarBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("No more batches in this partition");
    }
    ColumnarBatch batch = finished.remove();
    metrics.outputRows().add(batch.numRows());
    tally.countOut(batch.numRows());
    return batch;
  }

  private void advance() {
    if (!filler.hasNext()) {
      handBack();
      close();
      return;
    }
    if (filling == null) {
      filling = open();
    }
    filler.fill(filling);
    if (filling.room() == 0) {
      submit();
    }
  }

  private ScoringBatch open() {
    if (model == null) {
      clock.enter(open);
      model = ModelRegistry.instance().use(scoring.program().model(), ScoringExecutor.device());
      pool = model.scorers(scoring.program().batchSize(), scoring.scorers());
    }
    clock.enter(wait);
    DlrmScorer scorer = pool.tryTake();
    if (scorer == null) {
      ScorerHolders.ofThisThread().handBackAll();
      scorer = pool.take(task);
    }
    clock.enter(fill);
    holders.remove(this);
    holders = ScorerHolders.ofThisThread();
    holders.add(this);
    boolean opened = false;
    try {
      ScoringBatch batch = new ScoringBatch(scorer, scoring, this::quarantine);
      opened = true;
      return batch;
    } finally {
      if (!opened) {
        pool.giveBack(scorer);
      }
    }
  }

  private Quarantine.Writer quarantine() {
    if (quarantine == null) {
      quarantine = TaskLedger.of(task).quarantine().writer(scoring.kept());
    }
    return quarantine;
  }

  /** Submits the batch that is full, behind the one that runs, and then takes that one's scores. */
  private void submit() {
    tally.countFilled(filling.features(), filling.rows(), filling.marks());
    clock.enter(compute);
    filling.submit();
    clock.enter(fill);
    metrics.batches().add(1);
    metrics.samples().add(filling.rows() - filling.marks().count());
    countBadRows(filling.marks());
    ScoringBatch submitted = filling;
    settle();
    filling = null;
    running = submitted;
  }

  private void countBadRows(BadRowMarks marks) {
    if (marks.count() > 0 && badRows == 0) {
      LOG.warn("Bad rows in partition {}; the first: {}", task.partitionId(), marks.firstMessage());
    }
    badRows += marks.count();
    metrics.badRows().add(marks.count());
  }

  /** Takes the scores of the batch that runs, if any, and gives its scorer back. */
  private void settle() {
    if (running == null) {
      return;
    }
    clock.enter(compute);
    running.await();
    clock.enter(copyOut);
    tally.countScores(running.scorer().scores(), running.rows(), running.marks());
    ColumnarBatch batch = running.finish();
    metrics.device().add(running.scorer().cost(), running.rows());
    tally.countCost(running.scorer().cost());
    clock.enter(fill);
    pool.giveBack(running.scorer());
    running = null;
    if (batch.numRows() > 0) {
      finished.add(batch);
    }
  }

  /** Gives every scorer back; what they were filled with is scored first and kept on the heap. */
  void handBack() {
    StageClock.Turn before = clock.enter(fill);
    if (filling != null && filling.rows() > 0) {
      submit();
    } else if (filling != null) {
      pool.giveBack(filling.scorer());
      filling = null;
    }
    settle();
    holders.remove(this);
    clock.enter(before);
  }

  /** Gives everything back, whatever state it is in: the task may have failed or been killed. */
  private void close() {
    if (closed) {
      return;
    }
    closed = true;
    holders.remove(this);
    abandon(filling);
    abandon(running);
    filling = null;
    running = null;
    if (model != null) {
      model.close();
    }
  }

  private void abandon(ScoringBatch batch) {
    if (batch == null) {
      return;
    }
    if (batch.isSubmitted()) {
      pool.drainAndGiveBack(batch.scorer());
    } else {
      pool.giveBack(batch.scorer());
    }
  }
}
