package io.nightjar.spark.spec;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Why a row cannot be scored. */
public enum BadRowReason {
  /** A row id lies outside its table, and {@code out-of-range} has no other meaning for it. */
  @JsonProperty("row-id-out-of-range")
  ROW_ID_OUT_OF_RANGE("row-id-out-of-range"),
  /** A dense value is null, and nothing stands for null. */
  @JsonProperty("null-value")
  NULL_VALUE("null-value"),
  /** A dense value is NaN, infinite, or becomes so as a float or by its transform. */
  @JsonProperty("not-finite")
  NOT_FINITE("not-finite"),
  /** An array of row ids holds a null. */
  @JsonProperty("null-in-array")
  NULL_IN_ARRAY("null-in-array"),
  /** A candidate whose user is not among the users. */
  @JsonProperty("missing-user")
  MISSING_USER("missing-user"),
  /** A candidate whose item is not among the items. */
  @JsonProperty("missing-item")
  MISSING_ITEM("missing-item"),
  /** Another required column is null. */
  @JsonProperty("missing")
  MISSING("missing");

  private final String code;

  BadRowReason(String code) {
    this.code = code;
  }

  /** The name that quarantine, statistics and reports have for it. */
  public String code() {
    return code;
  }
}
