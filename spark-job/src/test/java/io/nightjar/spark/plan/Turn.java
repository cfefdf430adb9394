package io.nightjar.spark.plan;

import io.nightjar.spark.executor.Drain;
import io.nightjar.spark.executor.PartitionScoring;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** What the benchmark lets a job do where it would score; all else of the job stays as it is. */
public enum Turn {
  /** Takes what is read, and throws it away as it is. */
  SCAN {
    @Override
    RDD<ColumnarBatch> run(DrainExec plan) {
      return plan.child().supportsColumnar()
          ? plan.child().executeColumnar().toJavaRDD().mapPartitions(Drain::discard, true).rdd()
          : plan.child().execute().toJavaRDD().mapPartitions(Drain::discard, true).rdd();
    }
  },
  /** Reads every value of every feature column, and writes what scoring writes. */
  DRAIN {
    @Override
    RDD<ColumnarBatch> run(DrainExec plan) {
      PartitionScoring scoring = plan.score().scoring();
      Drain drain = Drain.of(scoring, plan.output().size() - scoring.kept().size());
      return plan.child().supportsColumnar()
          ? plan.child().executeColumnar().toJavaRDD().mapPartitions(drain::ofColumns, true).rdd()
          : plan.child().execute().toJavaRDD().mapPartitions(drain::ofRows, true).rdd();
    }
  },
  /** Scores. */
  SCORE {
    @Override
    RDD<ColumnarBatch> run(DrainExec plan) {
      throw new IllegalStateException("Cannot score instead of scoring");
    }
  };

  private static final Map<Turn, SortedSet<String>> SCHEMAS = new EnumMap<>(Turn.class);

  private static volatile Turn current = SCORE;

  static {
    List.of(values()).forEach(turn -> SCHEMAS.put(turn, new ConcurrentSkipListSet<>()));
  }

  abstract RDD<ColumnarBatch> run(DrainExec plan);

  /** Whose turn it is in this process. */
  static Turn current() {
    return current;
  }

  /** Says that what is planned from now on is this. */
  public void begin() {
    current = this;
  }

  /** What the files below {@code Score} were read with, of all plans of this turn until now. */
  public SortedSet<String> schemas() {
    return SCHEMAS.get(this);
  }
}
