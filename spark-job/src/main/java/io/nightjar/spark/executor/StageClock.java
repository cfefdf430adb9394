package io.nightjar.spark.executor;

import io.nightjar.spark.statistics.Stage;
import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.sql.execution.metric.SQLMetric;

/**
 * What a task's time goes to. A task does one thing at a time, so every nanosecond from the clock's
 * beginning on is of exactly one stage: of the one that was entered last. Used by one thread.
 */
final class StageClock {
  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  // Before a pipeline is asked for rows, and between two times, the time is of those who ask.
  private Turn turn = new Turn(Stage.WRITE, null);
  private long since = System.nanoTime();

  /**
   * A stage of one pipeline.
   *
   * @param stage what it does
   * @param metric counts the nanoseconds of this pipeline; null where nobody shows them
   */
  record Turn(Stage stage, SQLMetric metric) {}

  /**
   * Ends the current turn and begins {@code next}.
   *
   * @return the turn that ended, for whoever wants to go back to it
   */
  Turn enter(Turn next) {
    long now = System.nanoTime();
    nanos.merge(turn.stage(), now - since, Long::sum);
    if (turn.metric() != null) {
      turn.metric().add(now - since);
    }
    Turn ended = turn;
    turn = next;
    since = now;
    return ended;
  }

  /** Nanoseconds of each stage until now; they add up to the clock's age. */
  Map<Stage, Long> nanos() {
    enter(turn);
    return nanos;
  }
}
