package io.nightjar.spark.testing;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.StageInfo;
import scala.jdk.javaapi.CollectionConverters;

/** The jobs that Spark starts in this process from now on, until it is closed. */
public final class StartedJobs extends SparkListener implements AutoCloseable {
  private final SparkContext context = LocalSpark.session().sparkContext();
  private final Queue<String> names = new ConcurrentLinkedQueue<>();

  /** Begins. */
  public StartedJobs() throws Exception {
    context.listenerBus().waitUntilEmpty();
    context.addSparkListener(this);
  }

  @Override
  public void onJobStart(SparkListenerJobStart job) {
    List<StageInfo> stages = CollectionConverters.asJava(job.stageInfos());
    String last = stages.get(stages.size() - 1).name();
    names.add(stages.size() + " by " + last.replaceFirst(":\\d+$", ""));
  }

  /**
   * Of each job how many stages it has, and what asked for it, such as "1 by save at Writer.java".
   */
  public List<String> names() throws Exception {
    context.listenerBus().waitUntilEmpty();
    return List.copyOf(names);
  }

  @Override
  public void close() {
    context.removeSparkListener(this);
  }
}
