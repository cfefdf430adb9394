package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoringStatistics;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.TaskContext;
import org.apache.spark.internal.io.FileNameSpec;
import org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's own way to commit files, and with each task's files what the task counted and the bad
 * rows that it set aside.
 *
 * <p>Exactly one attempt of a task is committed, and its message reaches the driver. So attempts
 * that failed or lost a race count nothing, which accumulators cannot promise.
 */
public final class StatisticsCommitProtocol extends SQLHadoopMapReduceCommitProtocol {
  /** Spark's setting that names the class. */
  public static final String KEY = "spark.sql.sources.commitProtocolClass";

  /**
   * Option of a write: the folder for its bad rows, where these are to be quarantined; an absolute
   * path on the file system of the scores.
   */
  public static final String QUARANTINE_OPTION = "nightjar.quarantine";

  private static final Logger LOG = LoggerFactory.getLogger(StatisticsCommitProtocol.class);
  private static final long serialVersionUID = 1L;
  private static final Map<String, ScoringStatistics> COMMITTED = new ConcurrentHashMap<>();

  private final String path;

  /** Made by Spark, for one write into {@code path}. */
  public StatisticsCommitProtocol(String jobId, String path, boolean dynamicPartitionOverwrite) {
    super(jobId, path, dynamicPartitionOverwrite);
    this.path = path;
  }

  /**
   * What one attempt of a task sends to the driver.
   *
   * @param files what Spark's own protocol sends
   * @param statistics what the attempt counted
   */
  private record Committed(Object files, ScoringStatistics statistics) implements Serializable {}

  /**
   * What was counted by the write into {@code folder} that was committed last in this driver; it
   * can be taken once.
   *
   * @throws IllegalStateException if there was no such write, or not with this protocol
   */
  public static ScoringStatistics take(Path folder, Configuration hadoop) throws IOException {
    Path qualified = folder.getFileSystem(hadoop).makeQualified(folder);
    ScoringStatistics statistics = COMMITTED.remove(qualified.toString());
    if (statistics == null) {
      throw new IllegalStateException(
          "Cannot tell what was written to "
              + qualified
              + ": no write was committed there with "
              + KEY
              + " = "
              + StatisticsCommitProtocol.class.getName());
    }
    return statistics;
  }

  @Override
  public void setupTask(TaskAttemptContext context) {
    super.setupTask(context);
    String folder = context.getConfiguration().get(QUARANTINE_OPTION);
    if (folder != null) {
      TaskLedger.of(TaskContext.get())
          .quarantine(
              new Quarantine(
                  context,
                  end -> newTaskTempFileAbsPath(context, folder, new FileNameSpec("", end))));
    }
  }

  @Override
  public void abortTask(TaskAttemptContext context) {
    try {
      TaskLedger.find(TaskContext.get()).ifPresent(TaskLedger::closeQuarantine);
    } catch (RuntimeException e) {
      LOG.warn("Deleting quarantined rows that could not be written to their end", e);
    }
    super.abortTask(context);
  }

  @Override
  public TaskCommitMessage commitTask(TaskAttemptContext context) {
    TaskLedger.find(TaskContext.get()).ifPresent(TaskLedger::closeQuarantine);
    TaskCommitMessage files = super.commitTask(context);
    ScoringStatistics statistics =
        TaskLedger.find(TaskContext.get())
            .map(TaskLedger::statistics)
            .orElse(ScoringStatistics.EMPTY);
    return new TaskCommitMessage(new Committed(files.obj(), statistics));
  }

  @Override
  public void commitJob(JobContext context, Seq<TaskCommitMessage> messages) {
    List<TaskCommitMessage> files = new ArrayList<>();
    ScoringStatistics statistics = ScoringStatistics.EMPTY;
    for (TaskCommitMessage message : CollectionConverters.asJava(messages)) {
      Committed committed = (Committed) message.obj();
      files.add(new TaskCommitMessage(committed.files()));
      statistics = statistics.merge(committed.statistics());
    }
    super.commitJob(context, CollectionConverters.asScala(files).toSeq());
    COMMITTED.put(path, statistics);
  }
}
