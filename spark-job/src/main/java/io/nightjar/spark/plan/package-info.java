/**
 * {@code Score} and {@code Lookup} in Spark's plans: logical, physical, and the rules that make
 * them fit in.
 */
package io.nightjar.spark.plan;
