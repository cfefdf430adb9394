package io.nightjar.spark.spec;

import java.io.Serializable;

/**
 * A column in which a null makes the row bad, though no model input reads it: an outer join marks
 * with it the rows that found no partner.
 *
 * @param name the column, named as Spark resolves names
 * @param reason why such a row cannot be scored, to end a message: {@code "no row of users has its
 *     user_id"}
 */
public record RequiredColumn(String name, String reason) implements Serializable {}
