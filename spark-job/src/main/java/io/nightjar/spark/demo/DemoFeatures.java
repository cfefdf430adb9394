package io.nightjar.spark.demo;

import java.util.List;

/** The demo's 13 dense and 26 sparse features: a shop that ranks items for its users. */
final class DemoFeatures {

  /** Whose table a feature's column stands in. */
  enum Side {
    USER,
    ITEM,
    CANDIDATE
  }

  /**
   * A dense feature.
   *
   * @param scale its largest value
   * @param skew 1 is uniform; larger pushes values towards 0
   * @param nullShare how many values are missing
   * @param log1p whether the model was trained on its logarithm
   */
  record Dense(
      Side side, String name, double scale, double skew, double nullShare, boolean log1p) {}

  /**
   * A sparse feature.
   *
   * @param rows rows of its embedding table
   * @param most most row ids a bag; 1 is a plain column, more an array
   * @param hashed whether its column holds strings that are hashed to row ids
   */
  record Sparse(Side side, String name, int rows, Hotness hotness, int most, boolean hashed) {}

  static final List<Dense> DENSE =
      List.of(
          new Dense(Side.USER, "account_age_days", 3650, 1.5, 0, true),
          new Dense(Side.USER, "orders_90d", 120, 5, 0, true),
          new Dense(Side.USER, "spend_90d", 9000, 6, 0, true),
          new Dense(Side.USER, "sessions_7d", 60, 4, 0, true),
          new Dense(Side.USER, "refund_rate", 1, 6, 0.1, false),
          new Dense(Side.USER, "basket_size", 30, 4, 0, true),
          new Dense(Side.ITEM, "price", 2000, 4, 0, true),
          new Dense(Side.ITEM, "rating", 5, 0.3, 0.05, false),
          new Dense(Side.ITEM, "reviews", 20000, 8, 0, true),
          new Dense(Side.ITEM, "days_listed", 2000, 2, 0, true),
          new Dense(Side.ITEM, "discount", 0.7, 4, 0, false),
          new Dense(Side.CANDIDATE, "position", 50, 1, 0, true),
          new Dense(Side.CANDIDATE, "minutes_since_visit", 10080, 3, 0, true));

  static final List<Sparse> SPARSE =
      List.of(
          one(Side.USER, "user_row", 100_000, Hotness.RANDOM),
          one(Side.USER, "country", 200, Hotness.HIGH),
          one(Side.USER, "region", 4_000, Hotness.MEDIUM),
          one(Side.USER, "language", 60, Hotness.HIGH),
          one(Side.USER, "device", 900, Hotness.MEDIUM),
          one(Side.USER, "os", 40, Hotness.MEDIUM),
          one(Side.USER, "plan", 5, Hotness.LOW),
          one(Side.USER, "segment", 64, Hotness.RANDOM),
          one(Side.USER, "channel", 30, Hotness.LOW),
          one(Side.USER, "consent", 3, Hotness.ONE_ITEM),
          bag(Side.USER, "recent_items", 50_000, Hotness.LOW, 10),
          bag(Side.USER, "recent_categories", 2_000, Hotness.MEDIUM, 5),
          bag(Side.USER, "interests", 500, Hotness.LOW, 4),
          one(Side.ITEM, "item_row", 50_000, Hotness.RANDOM),
          one(Side.ITEM, "brand", 8_000, Hotness.MEDIUM),
          one(Side.ITEM, "category", 2_000, Hotness.LOW),
          one(Side.ITEM, "department", 24, Hotness.RANDOM),
          new Sparse(Side.ITEM, "seller", 5_000, Hotness.MEDIUM, 1, true),
          one(Side.ITEM, "color", 32, Hotness.LOW),
          one(Side.ITEM, "size_class", 12, Hotness.RANDOM),
          one(Side.ITEM, "material", 150, Hotness.MEDIUM),
          one(Side.ITEM, "warehouse", 18, Hotness.LOW),
          bag(Side.ITEM, "tags", 10_000, Hotness.MEDIUM, 6),
          one(Side.CANDIDATE, "hour", 24, Hotness.RANDOM),
          one(Side.CANDIDATE, "weekday", 7, Hotness.RANDOM),
          one(Side.CANDIDATE, "placement", 15, Hotness.HIGH));

  private DemoFeatures() {}

  private static Sparse one(Side side, String name, int rows, Hotness hotness) {
    return new Sparse(side, name, rows, hotness, 1, false);
  }

  private static Sparse bag(Side side, String name, int rows, Hotness hotness, int most) {
    return new Sparse(side, name, rows, hotness, most, false);
  }
}
