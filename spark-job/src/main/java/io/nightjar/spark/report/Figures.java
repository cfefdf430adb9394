package io.nightjar.spark.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
  private Figures() {}

  /** {@code 1,234,567}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 12 s}, {@code 3 min 20 s}, {@code 2 h 5 min}; below ten seconds with a tenth. */
  static String duration(double seconds) {
    if (seconds < 9.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? whole / 60 + " min " + whole % 60 + " s"
        : whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }

  /** {@code 12.5 %}; what is there but rounds to nothing is {@code < 0.01 %}. */
  static String percent(double share) {
    if (share > 0 && share < 0.0001) {
      return "< 0.01 %";
    }
    return String.format(
        Locale.ROOT, share < 0.01 && share > 0 ? "%.2f %%" : "%.1f %%", 100 * share);
  }

  /** {@code 0:05}, {@code 12:30}, {@code 2:05:00}: a time since the beginning. */
  static String clock(double seconds) {
    long whole = Math.round(seconds);
    String minutes = whole / 3600 > 0 ? "%d:%02d" : "%2$d";
    return String.format(
        Locale.ROOT, minutes + ":%3$02d", whole / 3600, whole % 3600 / 60, whole % 60);
  }

  /** {@code part} of {@code whole}, 0 where there is no whole. */
  static double share(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  /** {@code part} of {@code whole}, 0 where there is no whole. */
  static double share(long part, long whole) {
    return share((double) part, (double) whole);
  }

  /** {@code 0.07321}, {@code 1.25e-06}: four digits that say something. */
  static String score(double score) {
    return score != 0 && Math.abs(score) < 1e-5
        ? String.format(Locale.ROOT, "%.2e", score)
        : new BigDecimal(score, new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  /** {@code 950}, {@code 12.5 k}, {@code 3 M}: for an axis. */
  static String brief(double number) {
    if (number >= 1e6) {
      return trimmed(number / 1e6) + " M";
    }
    return number >= 1e3 ? trimmed(number / 1e3) + " k" : trimmed(number);
  }

  private static String trimmed(double number) {
    return String.format(Locale.ROOT, "%.2f", number).replaceAll("\\.?0+$", "");
  }
}
