package io.nightjar.scorer.cuda;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which walk a model's bags are pooled with: by their length, or by the clock. The first batch of
 * short bags is measured and the first one of long bags; what is chosen then stays. Thread-safe.
 */
final class BagWalks {
  private static final Logger LOG = LoggerFactory.getLogger(BagWalks.class);

  private final String model;
  private final boolean measures;
  private final Map<Boolean, BagWalk> chosen = new HashMap<>();
  private final List<String> times = new ArrayList<>();

  /** Of a model of this name. */
  BagWalks(String model, boolean measures) {
    this.model = model;
    this.measures = measures;
  }

  /**
   * The walk for the bags of a batch.
   *
   * @param timing gives the microseconds that each walk takes of that batch, if they are needed
   */
  synchronized BagWalk of(BagCount bags, Supplier<EnumMap<BagWalk, Double>> timing) {
    if (!measures || bags.isEmpty()) {
      return bags.walk();
    }
    return chosen.computeIfAbsent(bags.areLong(), isLong -> fastest(bags, timing.get()));
  }

  private BagWalk fastest(BagCount bags, EnumMap<BagWalk, Double> microseconds) {
    BagWalk best =
        microseconds.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
    String line =
        String.format(
            Locale.ROOT,
            "bags of %.1f ids on average: %s (%s)",
            (double) bags.ids() / bags.bags(),
            best,
            microseconds.entrySet().stream()
                .map(
                    time ->
                        String.format(Locale.ROOT, "%s %.1f us", time.getKey(), time.getValue()))
                .collect(Collectors.joining(", ")));
    times.add(line);
    LOG.info("Model {} pools {}", model, line);
    return best;
  }

  /** What was measured, a line a choice. */
  synchronized List<String> times() {
    return List.copyOf(times);
  }
}
