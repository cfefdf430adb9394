package io.nightjar.spark.executor;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * The value of {@code spark.plugins}: the driver's half decides the backend and stops jobs, the
 * executors' half opens and closes models.
 */
public final class ScoringPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new ScoringDriver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ScoringExecutor();
  }
}
