package io.nightjar.scorer.cuda;

/**
 * How long a device was at work, counted once where the work of several streams overlaps.
 *
 * <p>Times are milliseconds since an event, as the driver tells them. A batch that is told of after
 * a later one counts only from the end of what was counted: the sum is never too large.
 * Thread-safe.
 */
final class BusyTime {
  private double counted = Double.NEGATIVE_INFINITY;

  /**
   * Counts the work of a batch.
   *
   * @return nanoseconds of it that no other batch had covered before
   */
  synchronized long add(double start, double end) {
    double fresh = end - Math.max(start, counted);
    counted = Math.max(counted, end);
    return Math.round(Math.max(0, fresh) * 1e6);
  }
}
