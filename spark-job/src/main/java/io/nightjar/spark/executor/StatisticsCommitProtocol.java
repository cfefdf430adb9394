package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoringStatistics;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.TaskContext;
import org.apache.spark.internal.io.FileCommitProtocol;
import org.apache.spark.internal.io.FileNameSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Commits files together with what their task counted, what it read and the bad rows that it set
 * aside.
 *
 * <p>Every attempt writes into a folder of its own and, when it ends, names its files in a message.
 * The driver takes the message of exactly one attempt of a task, so attempts that failed or lost a
 * race leave nothing and count nothing, which accumulators cannot promise. A file is renamed once,
 * by the driver: when all of the write is done or, for who asks for it by {@link
 * CommittedWrites#handOver}, when its task is.
 */
public final class StatisticsCommitProtocol extends FileCommitProtocol implements Serializable {
  /** Spark's setting that names the class. */
  public static final String KEY = "spark.sql.sources.commitProtocolClass";

  /**
   * Option of a write: the folder for its bad rows, where these are to be quarantined; an absolute
   * path on the file system of the scores.
   */
  public static final String QUARANTINE_OPTION = "nightjar.quarantine";

  private static final Logger LOG = LoggerFactory.getLogger(StatisticsCommitProtocol.class);
  private static final long serialVersionUID = 1L;
  private static final String ATTEMPTS = "_attempts";

  private final String jobId;
  private final String path;

  /** What the attempt of this process has opened, in a task. */
  private transient List<WrittenFile> files;

  /** Made by Spark, for one write into {@code path}. */
  public StatisticsCommitProtocol(String jobId, String path, boolean dynamicPartitionOverwrite) {
    if (dynamicPartitionOverwrite) {
      throw new IllegalArgumentException(
          "Cannot write to "
              + path
              + ": "
              + KEY
              + " = "
              + StatisticsCommitProtocol.class.getName()
              + " does not replace partitions one by one");
    }
    this.jobId = jobId;
    this.path = path;
  }

  @Override
  public void setupJob(JobContext context) {
    Path folder = new Path(path);
    try {
      fileSystem(folder, context).mkdirs(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make " + path + ": " + e, e);
    }
  }

  @Override
  public void setupTask(TaskAttemptContext context) {
    files = new ArrayList<>();
    String folder = context.getConfiguration().get(QUARANTINE_OPTION);
    if (folder != null) {
      TaskLedger.of(TaskContext.get())
          .quarantine(
              new Quarantine(
                  context,
                  end -> newTaskTempFileAbsPath(context, folder, new FileNameSpec("", end))));
    }
  }

  // The older of two ways to ask for the same, which the newer one calls unless that is overridden.
  @Override
  public String newTaskTempFile(
      TaskAttemptContext context, Option<String> directory, FileNameSpec name) {
    Path folder = directory.isEmpty() ? new Path(path) : new Path(path, directory.get());
    return newFile(context, folder, name);
  }

  @Override
  public String newTaskTempFileAbsPath(
      TaskAttemptContext context, String folder, FileNameSpec name) {
    return newFile(context, new Path(folder), name);
  }

  private String newFile(TaskAttemptContext context, Path folder, FileNameSpec name) {
    int task = context.getTaskAttemptID().getTaskID().getId();
    String file = "%spart-%05d-%s%s".formatted(name.prefix(), task, jobId, name.suffix());
    // Names of a task's files are the same in two folders: their places tell them apart.
    Path written = new Path(attempt(context), files.size() + "/" + file);
    files.add(new WrittenFile(written.toString(), new Path(folder, file).toString()));
    return written.toString();
  }

  private Path attempt(TaskAttemptContext context) {
    return new Path(path, ATTEMPTS + "/" + context.getTaskAttemptID());
  }

  @Override
  public TaskCommitMessage commitTask(TaskAttemptContext context) {
    Optional<TaskLedger> ledger = TaskLedger.find(TaskContext.get());
    ledger.ifPresent(TaskLedger::closeQuarantine);
    return new TaskCommitMessage(
        new CommittedTask(
            files,
            ledger.map(TaskLedger::statistics).orElse(ScoringStatistics.EMPTY),
            ledger.map(TaskLedger::read).orElse(List.of())));
  }

  @Override
  public void abortTask(TaskAttemptContext context) {
    try {
      TaskLedger.find(TaskContext.get()).ifPresent(TaskLedger::closeQuarantine);
    } catch (RuntimeException e) {
      LOG.warn("Deleting quarantined rows that could not be written to their end", e);
    }
    delete(attempt(context), context);
  }

  @Override
  public void onTaskCommit(TaskCommitMessage message) {
    CommittedWrites.taker(path).ifPresent(taker -> taker.accept((CommittedTask) message.obj()));
  }

  @Override
  public void commitJob(JobContext context, Seq<TaskCommitMessage> messages) {
    if (isTaken()) {
      return;
    }
    ScoringStatistics statistics = ScoringStatistics.EMPTY;
    for (TaskCommitMessage message : CollectionConverters.asJava(messages)) {
      CommittedTask task = (CommittedTask) message.obj();
      task.files().forEach(file -> putInPlace(file, context));
      statistics = statistics.merge(task.statistics());
    }
    delete(new Path(path, ATTEMPTS), context);
    CommittedWrites.counted(path, statistics);
  }

  private static void putInPlace(WrittenFile file, JobContext context) {
    Path place = new Path(file.place());
    try {
      FileSystem fs = fileSystem(place, context);
      fs.mkdirs(place.getParent());
      if (!fs.rename(new Path(file.path()), place)) {
        throw new IOException("nothing is there any more, or the place is taken");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot rename " + file.path() + " to " + place + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void abortJob(JobContext context) {
    // Who takes tasks one by one has use for those that were committed, and the folder is his.
    if (!isTaken()) {
      delete(new Path(path, ATTEMPTS), context);
    }
  }

  private boolean isTaken() {
    return CommittedWrites.taker(path).isPresent();
  }

  /** Of an attempt that failed nobody takes anything, so what is left is litter and no failure. */
  private static void delete(Path folder, JobContext context) {
    try {
      fileSystem(folder, context).delete(folder, true);
    } catch (IOException e) {
      LOG.warn("Cannot delete {}", folder, e);
    }
  }

  private static FileSystem fileSystem(Path path, JobContext context) throws IOException {
    return path.getFileSystem(context.getConfiguration());
  }
}
