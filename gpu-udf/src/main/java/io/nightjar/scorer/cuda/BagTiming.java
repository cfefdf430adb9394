package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaEvent;
import io.nightjar.cuda.CudaStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.function.Consumer;

/** Times the walks on the device, in turns, so that none has the better of a warming clock. */
final class BagTiming {
  private static final int ROUNDS = 4;

  /** After this no further round begins. */
  private static final Duration ENOUGH = Duration.ofMillis(300);

  private BagTiming() {}

  /**
   * Median microseconds of each walk.
   *
   * @param pool gives the stream a walk's work
   */
  static EnumMap<BagWalk, Double> measure(
      CudaContext context, CudaStream stream, Consumer<BagWalk> pool) {
    return Closer.whole(
        closer -> {
          CudaEvent begin = closer.add(CudaEvent.open(context));
          CudaEvent end = closer.add(CudaEvent.open(context));
          EnumMap<BagWalk, Double> median = new EnumMap<>(BagWalk.class);
          samples(stream, pool, begin, end)
              .forEach(
                  (walk, times) -> {
                    Collections.sort(times);
                    median.put(walk, times.get(times.size() / 2));
                  });
          closer.close();
          return median;
        });
  }

  private static EnumMap<BagWalk, List<Double>> samples(
      CudaStream stream, Consumer<BagWalk> pool, CudaEvent begin, CudaEvent end) {
    List<BagWalk> order = new ArrayList<>(Arrays.asList(BagWalk.values()));
    EnumMap<BagWalk, List<Double>> samples = new EnumMap<>(BagWalk.class);
    order.forEach(walk -> samples.put(walk, new ArrayList<>()));
    long started = System.nanoTime();
    for (int round = 0; round <= 2 * ROUNDS; round++) {
      for (BagWalk walk : order) {
        begin.record(stream);
        pool.accept(walk);
        end.record(stream);
        end.await();
        samples.get(walk).add(begin.millisecondsTo(end) * 1e3);
      }
      if (System.nanoTime() - started > ENOUGH.toNanos()) {
        break;
      }
      if (round == 0) { // Kernels are loaded at their first launch.
        samples.values().forEach(List::clear);
      }
      Collections.reverse(order);
    }
    return samples;
  }
}
