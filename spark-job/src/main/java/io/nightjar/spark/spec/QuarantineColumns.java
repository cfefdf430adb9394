package io.nightjar.spark.spec;

import java.util.List;

/** The columns of quarantined rows beside those that are kept. */
public final class QuarantineColumns {
  /** A {@link BadRowReason#code}. */
  public static final String REASON = "bad_reason";

  /** The column or expression to blame. */
  public static final String COLUMN = "bad_column";

  /** Its value as text, null if that is null. */
  public static final String VALUE = "bad_value";

  private QuarantineColumns() {}

  /** All of them, in order. */
  public static List<String> names() {
    return List.of(REASON, COLUMN, VALUE);
  }
}
