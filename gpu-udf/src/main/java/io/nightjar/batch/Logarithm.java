package io.nightjar.batch;

/** {@code log1p} for columns. */
public final class Logarithm {
  /** Values that are counts, as most that want a logarithm are, are looked up. */
  private static final float[] OF_COUNTS = new float[4096];

  static {
    for (int count = 0; count < OF_COUNTS.length; count++) {
      OF_COUNTS[count] = (float) computed(count);
    }
  }

  private Logarithm() {}

  /** ln(1 + x), rounded to float. */
  public static float log1p(double x) {
    int count = (int) x;
    return count == x && count >= 0 && count < OF_COUNTS.length
        ? OF_COUNTS[count]
        : (float) computed(x);
  }

  /**
   * Replaces {@code values[0 .. count)} by their {@link #log1p(double)}.
   *
   * @return whether all of them were looked up, so that they are finite
   */
  public static boolean log1p(float[] values, int count) {
    boolean lookedUp = true;
    for (int i = 0; i < count; i++) {
      float value = values[i];
      int whole = (int) value;
      if (whole == value && whole >= 0 && whole < OF_COUNTS.length) {
        values[i] = OF_COUNTS[whole];
      } else {
        values[i] = (float) computed(value);
        lookedUp = false;
      }
    }
    return lookedUp;
  }

  /**
   * ln(1 + x), within a few units in the last place of a double, which rounding to float hides.
   *
   * <p>The virtual machine has instructions for {@code Math.log} and a slow call for {@code
   * Math.log1p}. What 1 + x loses of a small x is given back by the ratio, as in Goldberg's "What
   * every computer scientist should know about floating-point arithmetic", theorem 4.
   */
  static double computed(double x) {
    double sum = 1 + x;
    double added = sum - 1;
    if (added == x) {
      return Math.log(sum);
    }
    return added == 0 ? x : Math.log(sum) * (x / added);
  }
}
