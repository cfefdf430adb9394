package io.nightjar.spark.demo;

import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pow;

import org.apache.spark.sql.Column;

/**
 * How often the rows of a table are looked up, from one row always to all rows alike.
 *
 * <p>The classes are those of arXiv 2410.22249: the share of a table's rows that are touched when
 * as many row ids are drawn as the table has rows. Ranks follow {@code rows * u^exponent} for a
 * uniform {@code u}; the exponents were solved for those shares.
 */
enum Hotness {
  /** One row for everybody. */
  ONE_ITEM(Double.POSITIVE_INFINITY, 0.0),
  /** 4 % of the rows are touched. */
  HIGH(130.55, 0.04),
  /** 20.5 % of the rows are touched. */
  MEDIUM(14.163, 0.205),
  /** 46.2 % of the rows are touched. */
  LOW(3.2574, 0.462),
  /** Every row is as likely as any other: 1 - 1/e of them are touched. */
  RANDOM(1.0, 0.632);

  private final double exponent;
  private final double touchedShare;

  Hotness(double exponent, double touchedShare) {
    this.exponent = exponent;
    this.touchedShare = touchedShare;
  }

  /** Share of a large table's rows touched by as many draws as it has rows. */
  double touchedShare() {
    return touchedShare;
  }

  /**
   * Row ids in [0, rows), hot rows scattered over the table.
   *
   * @param unit uniform in [0, 1)
   */
  Column rowId(Column unit, int rows) {
    if (this == ONE_ITEM) {
      return lit(scatter(0, rows));
    }
    Column rank = least(floor(pow(unit, lit(exponent)).multiply(rows)), lit((long) rows - 1));
    return rank.multiply(stride(rows)).plus(offset(rows)).mod(rows).cast("int");
  }

  private static int scatter(long rank, int rows) {
    return (int) ((rank * stride(rows) + offset(rows)) % rows);
  }

  /** Coprime with {@code rows}, so that ranks map to row ids one to one: no row is lost. */
  private static long stride(int rows) {
    for (long stride = Math.max(1, Math.round(rows * 0.6180339887)); ; stride++) {
      if (gcd(stride, rows) == 1) {
        return stride;
      }
    }
  }

  private static long offset(int rows) {
    return rows / 3;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
