package io.nightjar.spark.gates;

/** Each thing that is checked before publishing: a figure that must not exceed a limit. */
public enum Gate {
  /** Rows that are neither scored nor bad, or that the files do not have. */
  ROWS("rows"),
  /** Scores that are NaN or infinite. */
  FINITE("finite"),
  /** Scores below 0 or above 1. */
  RANGE("range"),
  /** Share of the scores that are 0 or 1, but for 2^-21. */
  SATURATED("saturated"),
  /** Change of the number of rows since the last run, relative to that. */
  ROW_COUNT("row-count"),
  /** Change of the mean score since the last run, relative to that. */
  MEAN("mean"),
  /** Greatest change of a decile, or of the first or last hundredth, relative to the last run's. */
  QUANTILES("quantiles"),
  /** Population stability index of the scores against the last run's. */
  PSI("psi"),
  /** Greatest share of empty bags of a sparse feature. */
  EMPTY_BAGS("empty-bags"),
  /** Greatest share of row ids of a sparse feature that were left out or replaced. */
  REPLACED_IDS("replaced-ids"),
  /** Rows whose key another row has, too. */
  DUPLICATE_KEYS("duplicate-keys");

  private final String key;

  Gate(String key) {
    this.key = key;
  }

  /** Its name in the config, below {@code gates}. */
  public String key() {
    return key;
  }
}
