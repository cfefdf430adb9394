package io.nightjar.spark.job;

import io.nightjar.spark.manifest.Sizes;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * How pairs meet users and items, decided by the sizes of files before anything is read.
 *
 * <p>A small table is sent to every executor, and no pair moves for it. To a large one the pairs
 * are brought, by its key and with the columns that they have by then. So the large one of two
 * comes first, while pairs are narrow; and where neither is small the one with narrower rows does,
 * for those move with every pair when it is brought to the other one. Wide rows stay where they
 * are, and pairs that have the same one lie together in the end.
 *
 * @param first joined to the pairs as they are
 * @param second joined to what comes of that
 */
record JoinOrder(Step first, Step second) {

  /**
   * A table to be joined.
   *
   * @param name {@code users} or {@code items}
   * @param bytes size of its files
   * @param rowBytes tells how many of them a row has
   */
  record Table(String name, long bytes, DoubleSupplier rowBytes) {}

  /**
   * A join.
   *
   * @param table the name of the table
   * @param sent whether it is sent to every executor
   * @param why in words
   */
  record Step(String table, boolean sent, String why) {}

  /**
   * Decides.
   *
   * @param limit most bytes of files that are sent to every executor; less than 0 for none
   */
  static JoinOrder of(Table users, Table items, long limit) {
    boolean moreUsers = users.bytes() >= items.bytes();
    Table larger = moreUsers ? users : items;
    Table smaller = moreUsers ? items : users;
    if (larger.bytes() <= limit) {
      return new JoinOrder(sent(larger, limit), sent(smaller, limit));
    }
    if (smaller.bytes() <= limit) {
      return new JoinOrder(
          new Step(
              larger.name(),
              false,
              Sizes.of(larger.bytes()) + ": pairs are brought to them with their own columns"),
          sent(smaller, limit));
    }
    double ofUsers = users.rowBytes().getAsDouble();
    double ofItems = items.rowBytes().getAsDouble();
    boolean widerUsers = ofUsers >= ofItems;
    Table wide = widerUsers ? users : items;
    Table narrow = widerUsers ? items : users;
    return new JoinOrder(
        new Step(
            narrow.name(),
            false,
            "%s, %s a row: pairs are brought to them with their own columns"
                .formatted(Sizes.of(narrow.bytes()), row(Math.min(ofUsers, ofItems)))),
        new Step(
            wide.name(),
            false,
            "%s, %s a row: pairs are brought to them with their own columns and those of %s"
                .formatted(
                    Sizes.of(wide.bytes()), row(Math.max(ofUsers, ofItems)), narrow.name())));
  }

  private static Step sent(Table table, long limit) {
    return new Step(
        table.name(),
        true,
        "%s, sent to every executor: at most %s"
            .formatted(Sizes.of(table.bytes()), Sizes.of(limit)));
  }

  private static String row(double bytes) {
    return String.format(Locale.ROOT, "%.1f B", bytes);
  }

  /** Whether both tables are sent to every executor. */
  boolean isSent() {
    return first.sent() && second.sent();
  }

  /** In order. */
  List<Step> steps() {
    return List.of(first, second);
  }
}
