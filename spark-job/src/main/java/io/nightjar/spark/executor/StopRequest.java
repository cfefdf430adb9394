package io.nightjar.spark.executor;

import java.io.Serializable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an executor sends to the driver when there is no use in trying again.
 *
 * @param failure why
 * @param stageId the stage to cancel; {@link #EVERYTHING} where no stage can succeed
 */
record StopRequest(ScoringFailure failure, int stageId) implements Serializable {
  static final int EVERYTHING = -1;

  private static final Logger LOG = LoggerFactory.getLogger(StopRequest.class);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /**
   * Lets the driver stop all that depends on {@code task}, and waits until it is killed: a task
   * that failed before that would be started again.
   *
   * @return {@code error}, to be thrown
   */
  static RuntimeException send(ScoringFailure.Kind kind, RuntimeException error, TaskContext task) {
    try {
      ScoringExecutor.ask(
          new StopRequest(new ScoringFailure(kind, error.getMessage()), task.stageId()));
    } catch (DriverUnreachableException e) {
      LOG.warn("The driver was not told, and may start this task again", e);
      return error;
    }
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!task.isInterrupted() && System.nanoTime() < end) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return error;
  }
}
