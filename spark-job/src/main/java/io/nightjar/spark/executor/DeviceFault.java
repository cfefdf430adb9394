package io.nightjar.spark.executor;

import io.nightjar.scorer.DlrmModels;
import org.apache.spark.SparkContext$;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of an executor whose device faulted. */
final class DeviceFault {
  /** How it ends; spark-rapids' executors end so, too. */
  private static final int EXIT_CODE = 20;

  private static final Logger LOG = LoggerFactory.getLogger(DeviceFault.class);

  private DeviceFault() {}

  /**
   * Ends this process if {@code error} is such a fault: a task that was tried again in it would
   * fail again, and Spark starts another executor in its place. In local mode, where nothing could
   * take the driver's place, the task fails and the job with it.
   *
   * @return {@code error}, to be thrown
   */
  static RuntimeException endOrThrow(RuntimeException error) {
    return DlrmModels.isFatal(error) ? end(error) : error;
  }

  /** Ends the process of an executor at once: to close what is on a faulted device could hang. */
  static RuntimeException end(RuntimeException fault) {
    if (SparkEnv.get().executorId().equals(SparkContext$.MODULE$.DRIVER_IDENTIFIER())) {
      return fault;
    }
    LOG.error("Ending this executor with exit code {}: its device faulted", EXIT_CODE, fault);
    Runtime.getRuntime().halt(EXIT_CODE);
    return fault;
  }
}
