package io.nightjar.spark.job;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures what a run's time goes to: a stage ends where the next begins. */
final class Stages {
  private final Map<String, Duration> times = new LinkedHashMap<>();
  private final Instant begun = Instant.now();
  private long begin = System.nanoTime();

  /** Says that what was done since the last call was {@code stage}. */
  void end(String stage) {
    long now = System.nanoTime();
    times.merge(stage, Duration.ofNanos(now - begin), Duration::plus);
    begin = now;
  }

  /** The stages so far, in order. */
  Map<String, Duration> times() {
    return times;
  }

  /** When the first stage began. */
  Instant begun() {
    return begun;
  }
}
