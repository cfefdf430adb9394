package io.nightjar.spark.executor;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pipelines that hold scorers in one thread, which is to say in one task: nested scores, or the
 * two sides of a join, run in turns there.
 *
 * <p>Who has to wait for a scorer first lets all of them give theirs back. So nobody who waits
 * holds one, and even a single scorer cannot be waited for in a circle.
 */
final class ScorerHolders {
  private static final ThreadLocal<ScorerHolders> CURRENT =
      ThreadLocal.withInitial(ScorerHolders::new);

  // Another thread than the task's may close a pipeline.
  private final Set<PartitionScorer> holders = ConcurrentHashMap.newKeySet();

  private ScorerHolders() {}

  static ScorerHolders ofThisThread() {
    return CURRENT.get();
  }

  void add(PartitionScorer holder) {
    holders.add(holder);
  }

  void remove(PartitionScorer holder) {
    holders.remove(holder);
  }

  void handBackAll() {
    for (PartitionScorer holder : List.copyOf(holders)) {
      holder.handBack();
    }
  }
}
