package io.nightjar.spark.job;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import scala.Option;
import scala.Tuple2;

/**
 * The session that a run works in: one of its own, which {@link #close} stops, or, where the
 * process has one already, a sibling of that, which keeps its settings to itself and goes on
 * living.
 */
record JobSession(SparkSession session, boolean ours) implements AutoCloseable {

  /** Starts Spark with {@code settings}, or takes part in the Spark that runs here. */
  static JobSession open(SparkConf settings) {
    Option<SparkSession> running = SparkSession.getDefaultSession();
    if (running.isEmpty()) {
      return new JobSession(SparkSession.builder().config(settings).getOrCreate(), true);
    }
    SparkSession sibling = running.get().newSession();
    for (Tuple2<String, String> entry : settings.getAll()) {
      if (sibling.conf().isModifiable(entry._1())) {
        sibling.conf().set(entry._1(), entry._2());
      }
    }
    return new JobSession(sibling, false);
  }

  @Override
  public void close() {
    if (ours) {
      session.stop();
    }
  }
}
