package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.ScoringStatistics;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Where who starts a write in this driver and the {@link StatisticsCommitProtocol} that Spark makes
 * for it meet: the one asks for what is committed into a folder, the other brings it. Of a write
 * that nobody asked for beforehand it keeps what was counted, until that is taken.
 */
public final class CommittedWrites {
  // By the folder that is written to.
  private static final Map<String, ScoringStatistics> COUNTED = new ConcurrentHashMap<>();
  private static final Map<String, Consumer<CommittedTask>> TAKERS = new ConcurrentHashMap<>();

  private CommittedWrites() {}

  /**
   * What was counted by the write into {@code folder} that was committed last in this driver; it
   * can be taken once.
   *
   * @throws IllegalStateException if there was no such write, or not with that protocol
   */
  public static ScoringStatistics take(Path folder, Configuration hadoop) throws IOException {
    String qualified = qualified(folder, hadoop);
    ScoringStatistics statistics = COUNTED.remove(qualified);
    if (statistics == null) {
      throw new IllegalStateException(
          "Cannot tell what was written to "
              + qualified
              + ": no write was committed there with "
              + StatisticsCommitProtocol.KEY
              + " = "
              + StatisticsCommitProtocol.class.getName());
    }
    return statistics;
  }

  /** Ends what {@link #handOver} began. */
  @FunctionalInterface
  public interface HandOver extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Has what is committed by writes into {@code folder} handed to {@code taker}, task by task; the
   * files are his then. He is called by the thread that all of Spark's tasks report to, and must
   * not keep it.
   *
   * @return to be closed when no write into the folder is under way
   */
  public static HandOver handOver(Path folder, Configuration hadoop, Consumer<CommittedTask> taker)
      throws IOException {
    String qualified = qualified(folder, hadoop);
    TAKERS.put(qualified, taker);
    return () -> TAKERS.remove(qualified);
  }

  private static String qualified(Path folder, Configuration hadoop) throws IOException {
    return folder.getFileSystem(hadoop).makeQualified(folder).toString();
  }

  /** Who takes what is committed into {@code folder}, task by task. */
  static Optional<Consumer<CommittedTask>> taker(String folder) {
    return Optional.ofNullable(TAKERS.get(folder));
  }

  /** Keeps what was counted by a write into {@code folder} for {@link #take}. */
  static void counted(String folder, ScoringStatistics statistics) {
    COUNTED.put(folder, statistics);
  }
}
