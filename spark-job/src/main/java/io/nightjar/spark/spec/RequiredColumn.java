package io.nightjar.spark.spec;

import java.io.Serializable;

/**
 * A column in which a null makes the row bad, though no model input reads it: an outer join marks
 * with it the rows that found no partner.
 *
 * @param name the column, named as Spark resolves names
 * @param reason what is counted of such a row
 * @param blamed the column whose value is to blame, named as Spark resolves names
 * @param message why such a row cannot be scored, to end a sentence: {@code "no row of users has
 *     its user_id"}
 */
public record RequiredColumn(String name, BadRowReason reason, String blamed, String message)
    implements Serializable {

  /** A column that is to blame itself. */
  public RequiredColumn(String name, String message) {
    this(name, BadRowReason.MISSING, name, message);
  }
}
